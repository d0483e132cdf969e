"""How hard a queue is pressed, in words, without flutter."""

from __future__ import annotations

from typing import Final, Literal

Pressure = Literal["calm", "busy", "overloaded"]
"""Words of load, in rising order."""

WORDS: Final[tuple[Pressure, ...]] = ("calm", "busy", "overloaded")
"""The same as values, in rising order."""

RELEASE: Final = 0.5
"""Part of its threshold below which a level is left: a wait that dances around the threshold does not flutter."""


class PressureGauge:
    """Turns the expected wait of one queue into a word, with a memory of one level.

    A level is reached at once when the wait reaches its threshold, and left when the wait falls below half of it.
    While the wait is unknown the pressure is unknown, and forgotten: afterwards the gauge starts as a new one.

    >>> gauge = PressureGauge(30, 120)
    >>> [gauge.read(wait_s) for wait_s in (29, 30, 16, 14, 500, 60, 59)]
    ['calm', 'busy', 'busy', 'calm', 'overloaded', 'overloaded', 'busy']
    """

    __slots__ = ("_from_s", "_level")

    def __init__(self, busy_from_s: float, overloaded_from_s: float) -> None:
        self._from_s = (0.0, busy_from_s, overloaded_from_s)
        self._level = 0

    def read(self, expected_wait_s: float | None) -> Pressure | None:
        """The word for the wait expected now, in seconds; None when that is unknown."""
        if expected_wait_s is None:
            self._level = 0
            return None
        level = self._level
        while level and expected_wait_s < self._from_s[level] * RELEASE:
            level -= 1
        while level + 1 < len(WORDS) and expected_wait_s >= self._from_s[level + 1]:
            level += 1
        self._level = level
        return WORDS[level]
