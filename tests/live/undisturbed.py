"""What a test sees of times where others share the machine: a wait of ours is there every time, a lost core is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

TRIES = 5
"""A hypervisor that takes the cores away does so once or twice, not so often in a row."""

Seen = TypeVar("Seen")


def undisturbed(look: Callable[[], Seen], good: Callable[[Seen], bool]) -> Seen:
    """The first of what TRIES looks see that is good; an error when none is, for then it was not the machine.

    Whatever must be so at all times `look` asserts itself.
    """
    seen: list[Seen] = []
    while not (seen and good(seen[-1])):
        assert len(seen) < TRIES, f"each time other than it should be: {seen}"
        seen.append(look())
    return seen[-1]


def within(limit: float, took: Callable[[], float]) -> float:
    """The first time taken that is within the limit."""
    return undisturbed(took, lambda time: time <= limit)
