"""What a part of the run tried and what came of it, and what it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Came = Callable[[str, float, float], None]
"""Told what is under way, how much of it is done, and of how much."""


class Wishes(NamedTuple):
    """What the command line asks for."""

    seed: int
    """Of everything that is drawn: the same seed draws the same."""
    count: int
    """Environments."""
    seconds: int
    """For each reader."""
    examples: int
    """For each property and state machine."""


class Row(NamedTuple):
    """One thing that was tried."""

    part: str
    """`environments`, `readers`, `machines`, `kernels`."""
    what: str
    """Which of its things, in words."""
    tried: int
    """How many inputs, examples or environments."""
    said: str
    """What else is to be known of them."""
    took_s: float
    """How long it took, in seconds."""
    found: list[str]
    """What was not borne, each with what repeats it."""
    unable: str = ""
    """Why it could not be tried, with a remedy; empty when it was."""
    stopped: bool = False
    """Whether somebody stopped it, so that the counts are those until then."""

    @property
    def verdict(self) -> str:
        """In a word or a few."""
        if self.unable:
            return f"not tried: {self.unable}"
        if self.found:
            return f"NOT BORNE: {len(self.found)}"
        return "stopped" if self.stopped else "borne"
