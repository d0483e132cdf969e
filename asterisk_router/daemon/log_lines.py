"""Lines of the log: whatever a message quotes, it begins no line, commands no terminal and turns no writing round."""

from __future__ import annotations

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(message)s"
"""How each entry begins; further lines of it, as of a traceback, are indented."""


class LogLines(logging.Formatter):
    """Formats an entry; the one place where texts of callers, agents and PBXs become lines of the log."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry, in which only the router ends lines: what is not printable is escaped, as Python writes it."""
        return "\n  ".join(map(printable, super().format(record).split("\n")))


def printable(line: str) -> str:
    """A line without what would command a terminal.

    >>> printable("queue sales\\x1b[2J\\r")
    'queue sales\\\\x1b[2J\\\\r'
    """
    if line.isprintable():
        return line
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)


def begin(level: str) -> None:
    """Log to standard error from `level` on (`debug`, `info`, `warning`, `error`)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLines(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler])
