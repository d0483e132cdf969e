"""The daemon's log, in which no caller's number stands whole: whatever a message, an error or a traceback says."""

from __future__ import annotations

import logging
import re
from typing import TextIO

from ..numbering.number import masked

NUMBER = re.compile(r"(?<![0-9])(?:\+|%2B)[1-9][0-9]{5,14}")
"""A number as it is kept, also as a URL writes it; everything else that logs name has no plus before it."""


class MaskedLog(logging.Formatter):
    """Formats as told, and masks every number afterwards."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry of the log, its traceback included.

        >>> entry = logging.makeLogRecord({"msg": "%s is not called back", "args": ("+12025550100",)})
        >>> MaskedLog("%(message)s").format(entry)
        '+1202555**** is not called back'
        """
        return NUMBER.sub(lambda found: masked(found[0]), super().format(record))


def log_to(stream: TextIO, level: str) -> None:
    """Let everything of this process be logged there, from `level` on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskedLog("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=level.upper())
