"""Rank of waiting callers: who goes before whom, and how long a wait can be.

Rank = seconds waited + head start. All ranks grow at the same speed, so their order never changes while callers wait,
and one integer fixed at the entrance, QUEUE_PRIO, orders callers as their ranks do at every moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from typing import Final, NamedTuple

EPOCH_S: Final = 1_767_225_600
"""2026-01-01 00:00 UTC: priorities count seconds from there, so that they fit in 32 bits."""

RECHECK_S: Final = 1.0
"""How often a waiting caller looks whether it is their turn (`RECHECK` of app_queue.c): an agent may idle as long."""


def priority_of(head_start_s: int, waits_since_s: float) -> int:
    """QUEUE_PRIO of a caller who waits since `waits_since_s` (seconds since 1970 UTC): the higher, the sooner served.

    >>> priority_of(600, 1767225600) > priority_of(0, 1767225600 - 599)
    True
    """
    return head_start_s - (int(waits_since_s) - EPOCH_S)


def head_start_of(priority: int, waits_since_s: float) -> int:
    """The inverse: seconds granted in advance to a caller of that priority who waits since `waits_since_s`."""
    return priority + int(waits_since_s) - EPOCH_S


def rank_s(priority: int, at_s: float) -> int:
    """Seconds waited + head start, at `at_s`, of a caller of that priority."""
    return priority + int(at_s) - EPOCH_S


def overtaking_window_s(head_start_s: int, other_head_start_s: int) -> int:
    """For how long after a caller's arrival somebody with another head start can still come and go before them.

    Whoever comes at t with head start h has priority h - floor(t); a later one goes first only with a strictly higher
    priority: h' - floor(t') > h - floor(t). Integers, so floor(t') - floor(t) <= h' - h - 1, and t' - t < h' - h.
    """
    return max(other_head_start_s - head_start_s, 0)


class Stream(NamedTuple):
    """Callers of one head start, at most so many: in any t seconds no more than `burst + rate_per_s * t`."""

    head_start_s: int
    """Seconds of waiting granted in advance."""
    burst: int
    """How many may come at one moment."""
    rate_per_s: float
    """How many a second may come in the long run."""


def overtakers(head_start_s: int, streams: Iterable[Stream]) -> int:
    """The most callers of `streams` who can come later than a caller with `head_start_s` and yet go before them."""
    return sum(
        stream.burst + floor(stream.rate_per_s * overtaking_window_s(head_start_s, stream.head_start_s))
        for stream in streams
        if stream.head_start_s > head_start_s
    )


def wait_bound_s(ahead: int, later: int, agents: int, longest_call_s: float) -> float:
    """Seconds after which a caller has certainly been rung through: no class waits without bound.

    `ahead` callers stood before them when they came, at most `later` (`overtakers`) come afterwards and go before them,
    `agents` serve the queue and stay, and no call takes an agent longer than `longest_call_s` (ringing, talk, wrap-up).

    Proof. Let B = ahead + later and S = longest_call_s + RECHECK_S, and let the caller be unserved until W. Until then
    somebody waits always, so an agent who becomes free takes the next call within RECHECK_S: each agent begins at
    least one call in any S seconds. If W > k S, each begins at least k calls before W, agents * k in all, and every
    one of them is with a caller who goes before this one (app_queue serves the list from its head; whoever is not in
    B stands behind). Those are at most B, so k <= B / agents, and W <= (floor(B / agents) + 1) S.

    Where agents are shared between queues, B counts the callers of all of them, and the order across queues must be
    app_queue's too (`force_longest_waiting_caller=prio`).
    """
    return (floor((ahead + later) / agents) + 1) * (longest_call_s + RECHECK_S)
