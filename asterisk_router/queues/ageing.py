"""Rank of waiting callers: who goes before whom, how long a wait can be, and how a queue is put in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .acts import ChangePriority
from .live_queue import LiveQueue

EPOCH_S: Final = 1_767_225_600
"""2026-01-01 00:00 UTC: priorities count seconds from there, so that they fit in 32 bits."""


def priority_of(head_start_s: int, waits_since_s: float) -> int:
    """QUEUE_PRIO of a caller who waits since `waits_since_s` (seconds since 1970 UTC): the higher, the sooner served.

    >>> priority_of(600, 1767225600) > priority_of(0, 1767225600 - 599)
    True
    """
    return head_start_s - (int(waits_since_s) - EPOCH_S)


def head_start_of(priority: int, waits_since_s: float) -> int:
    """The inverse: waiting granted in advance to a caller of that priority who waits since `waits_since_s`."""
    return priority + int(waits_since_s) - EPOCH_S


def rank_s(priority: int, at_s: float) -> int:
    """Seconds waited + head start, at `at_s`, of a caller of that priority."""
    return priority + int(at_s) - EPOCH_S


def corrections(queue: LiveQueue, wanted: Mapping[str, int]) -> list[ChangePriority]:
    """Acts, as few as possible, that bring the callers of `queue` into the order of the wanted priorities by uniqueid."""
    raise NotImplementedError
