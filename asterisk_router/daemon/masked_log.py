"""The daemon's log, in which no caller's number stands whole: whatever a message, an error or a traceback says.

Nor does anything quoted act there: it begins no line, commands no terminal and turns no writing round.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Final, TextIO

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


class JournalLog(MaskedLog):
    """The same for systemd's journal, which knows the time: every line begins with its priority, as sd-daemon(3) says.

    So `journalctl -p warning` finds what matters.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One entry, each of its lines of the same priority.

        >>> JournalLog("%(message)s").format(logging.makeLogRecord({"msg": "refused:\nline 7", "levelno": 40}))
        '<3>refused:\n<3>  line 7'
        """
        level = next((priority for least, priority in PRIORITIES if record.levelno >= least), 7)
        return "\n".join(f"<{level}>{line}" for line in super().format(record).split("\n"))


PRIORITIES: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""Least level of a message -> its priority in syslog(3)."""


def is_journal(stream: TextIO) -> bool:
    """Whether what is written there goes into systemd's journal (JOURNAL_STREAM of systemd.exec(5))."""
    try:
        at = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False  # no file at all
    return os.environ.get("JOURNAL_STREAM") == f"{at.st_dev}:{at.st_ino}"


def log_to(stream: TextIO, level: str) -> None:
    """Let everything of this process be logged there, from `level` on."""
    handler = logging.StreamHandler(stream)
    shape = JournalLog("%(message)s") if is_journal(stream) else MaskedLog("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(shape)
    logging.basicConfig(handlers=[handler], level=level.upper())
