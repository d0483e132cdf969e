"""Which priority each waiting caller should have, where it is not the one they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .ageing import priority_of, rank_s
from .live_queue import LiveQueue
from .waiting import WaitingCaller

NOT_OURS_S = 30 * 86_400
"""Nobody has waited a month: a rank beyond it is of a priority that our dialplan did not compute (0 as a rule)."""


def wanted_priorities(
    queue: LiveQueue, promoted: Mapping[str, int], head_start_s: Callable[[str], int], at_s: float
) -> dict[str, int]:
    """The right priority by uniqueid of every caller of `queue` whose own is known.

    It is the one a person has given (`promoted`), else the one the caller has, else, where that was not computed by our
    dialplan, the one it would have computed: by `head_start_s` of the call and the moment of entering the queue.
    """
    return {
        caller.uniqueid: promoted[caller.uniqueid]
        if caller.uniqueid in promoted
        else caller.priority
        if rank_s(caller.priority, at_s) <= NOT_OURS_S
        else priority_of(head_start_s(caller.uniqueid), caller.since_s)
        for caller in queue.waiting
        if caller.priority is not None
    }


def in_order(callers: Sequence[WaitingCaller]) -> bool:
    """Whether nobody stands behind a caller of lower priority; callers whose priority is unknown do not count."""
    known = [caller.priority for caller in callers if caller.priority is not None]
    return all(before >= after for before, after in zip(known, known[1:], strict=False))
