"""Puts a queue in the wanted order with the fewest moves.

`ageing` says what the order should be; this says which callers Asterisk must be told to move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .acts import ChangePriority
from .live_queue import LiveQueue


class _Place(NamedTuple):
    """A caller in the wanted order."""

    here: int
    """Place in Asterisk's list now."""
    held: int
    """Priority Asterisk holds now."""
    wanted: int
    """Priority wanted."""


def corrections(queue: LiveQueue, wanted: Mapping[str, int]) -> list[ChangePriority]:
    """Acts, as few as possible, that bring the callers of `queue` into the order of the `wanted` priorities.

    `wanted` is by uniqueid; who is not in it keeps their priority, and equal ones keep their order. The acts are to be
    carried out in this order. Nobody is moved whose priority is right, and of the others only those who stand wrong:
    announced positions jump no further than they must. A moved caller gets the wanted priority, or the nearest to it
    that leads to the right place among those who are not moved. Empty too while the priority of somebody is unknown
    (then the queue has to be listed first).
    """
    waiting = queue.waiting
    places = []
    for here, caller in enumerate(waiting):
        if caller.priority is None:
            return []
        places.append(_Place(here, caller.priority, wanted.get(caller.uniqueid, caller.priority)))
    target = sorted(places, key=lambda place: -place.wanted)
    if target == places:
        return []
    in_order = all(one.held >= following.held for one, following in zip(places, places[1:], strict=False))
    moves = _fewest(target) if in_order else _all(target)
    return [ChangePriority(queue.name, waiting[here].channel, priority) for here, priority in moves]


def _fewest(target: Sequence[_Place]) -> list[tuple[int, int]]:
    """Moves (place now, priority) when the list is sorted by the priorities held, as it is unless somebody meddled."""
    kept = _longest_kept(target)
    moves = []
    ceiling: int | None = None
    for rank, place in enumerate(target):
        if rank in kept:
            ceiling = place.held
            continue
        floor = next((target[later].held for later in range(rank, len(target)) if later in kept), None)
        priority = place.wanted
        if floor is not None:
            priority = max(priority, floor + 1)
        if ceiling is not None:
            priority = min(priority, ceiling)
        moves.append((place.here, priority))
        ceiling = priority
    return moves


def _longest_kept(target: Sequence[_Place]) -> set[int]:
    """Ranks of the most callers who need not move, all whose priority is right among them: a longest rising run.

    Whoever is not moved must stand in the wanted order already. app_queue puts a moved caller before the first one of
    lower priority, so between two who are not moved there is room only if their priorities differ.
    """
    count = [0] * len(target)
    before = [-1] * len(target)
    best = -1
    for rank, place in enumerate(target):
        for earlier in range(rank - 1, -2, -1):
            if earlier < 0:  # nobody right stands before: this one may be the first that is kept
                count[rank] = max(count[rank], 1)
                break
            other = target[earlier]
            room = earlier == rank - 1 or other.held > place.held
            if other.here < place.here and room and count[earlier] and count[earlier] >= count[rank]:
                count[rank], before[rank] = count[earlier] + 1, earlier
            if other.held == other.wanted:
                break
        if place.held == place.wanted or (count[rank] and (best < 0 or count[rank] > count[best])):
            best = rank
    kept = set()
    while best >= 0:
        kept.add(best)
        best = before[best]
    return kept


def _all(target: Sequence[_Place]) -> list[tuple[int, int]]:
    """Moves of everybody, lowest first, each above the last: right whatever the list looks like now."""
    moves: list[tuple[int, int]] = []
    for place in reversed(target):
        priority = place.wanted if not moves else max(place.wanted, moves[-1][1] + 1)
        moves.append((place.here, priority))
    return moves
