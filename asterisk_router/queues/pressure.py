"""How hard a queue is pressed, in words, without flutter."""

from __future__ import annotations

from typing import Literal

Pressure = Literal["calm", "busy", "overloaded"]
"""Words of load, in rising order."""


class PressureGauge:
    """Turns the expected wait of one queue into a word."""

    __slots__ = ("busy_from_s", "overloaded_from_s", "word")

    def __init__(self, busy_from_s: int, overloaded_from_s: int) -> None:
        self.busy_from_s = busy_from_s
        self.overloaded_from_s = overloaded_from_s
        self.word: Pressure | None = None

    def read(self, expected_wait_s: float | None) -> Pressure | None:
        """The word for the expected wait now; None when that is unknown."""
        raise NotImplementedError
