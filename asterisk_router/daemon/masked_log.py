"""The daemon's log, in which no caller's number stands whole: whatever a message, an error or a traceback says.

Nor does anything quoted act there: it begins no line, commands no terminal and turns no writing round.
"""

from __future__ import annotations

import logging
import re
from typing import TextIO

from ..numbering.number import masked

NUMBER = re.compile(r"(?<![0-9])(?:\+|%2B)[1-9][0-9]{5,14}")
"""A number as it is kept, also as a URL writes it; everything else that logs name has no plus before it."""


class MaskedLog(logging.Formatter):
    """Formats as told, masks every number afterwards, and leaves it to the router alone to end a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry of the log, its traceback included; lines after its first are indented.

        >>> entry = logging.makeLogRecord({"msg": "%s is not called back", "args": ("+12025550100",)})
        >>> MaskedLog("%(message)s").format(entry)
        '+1202555**** is not called back'
        """
        said = NUMBER.sub(lambda found: masked(found[0]), super().format(record))
        return "\n  ".join(map(printable, said.split("\n")))


def printable(line: str) -> str:
    """A line in which what is not printable is escaped, as Python writes it.

    >>> printable("queue sales\x1b[2J\r")
    'queue sales\\x1b[2J\\r'
    """
    if line.isprintable():
        return line
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)


def log_to(stream: TextIO, level: str) -> None:
    """Let everything of this process be logged there, from `level` on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskedLog("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=level.upper())
