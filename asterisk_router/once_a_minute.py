"""A warning that every call, line or record may give rise to: said once, then counted, so that no log fills with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

SAY_S: Final = 60.0
"""How long it is only counted after it was said."""


class OnceAMinute:
    """Says one kind of thing in a log: the first at once; a later one with the number of those in between.

    What nobody followed any more is in the counter that each place has beside this.
    """

    def __init__(self, log: logging.Logger, *, clock: Callable[[], float] = monotonic) -> None:
        self._log = log
        self._clock = clock
        self._unsaid = 0
        self._next_s = float("-inf")

    def warning(self, text: str, *values: object, times: int = 1) -> None:
        """Warn of `times` things of the kind, of which this text, with its values put in, says one."""
        self._say(logging.WARNING, text, values, times)

    def error(self, text: str, *values: object, times: int = 1) -> None:
        """The same as an error."""
        self._say(logging.ERROR, text, values, times)

    def _say(self, level: int, text: str, values: tuple[object, ...], times: int) -> None:
        self._unsaid += times
        now_s = self._clock()
        if now_s < self._next_s:
            return
        if self._unsaid > 1:
            text, values = f"{text}; and %d more like it", (*values, self._unsaid - 1)
        self._log.log(level, text, *values)
        self._unsaid, self._next_s = 0, now_s + SAY_S
