"""Agents who help out in a queue: who is to be put into it or taken off it now by the policy's rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

RULE = "rule"
"""Who pulled an agent when no person did."""

STAY_S = 60.0
"""Whoever a rule pulled in stays so long, and whoever was released is left so long: nobody is sent to and fro."""


class Place(NamedTuple):
    """One agent in one queue."""

    queue: str
    """The queue's name in Asterisk."""
    interface: str
    """The agent's, as `PJSIP/anna`."""


class Pulled(NamedTuple):
    """An agent whom the router has put into a queue: only they are ever taken off it by a rule."""

    place: Place
    """Who helps out where."""
    why: str
    """Who pulled them: a person's name, or `RULE`. Whom a person pulled no rule releases."""
    at_s: float
    """When, in seconds since 1970 UTC."""


class Helper(NamedTuple):
    """An agent who may help out in a queue, and what a rule says now."""

    place: Place
    """Who in which queue."""
    agent: str
    """Their name in the policy."""
    shown: str
    """What people call them."""
    reserve: str
    """Name of the policy's `[[reserve]]`."""
    queue: str
    """The queue as the policy calls it."""
    ask: bool
    """Whether they are rung first and must accept."""
    wanted: bool | None
    """Whether the rule wants them in the queue; None leaves them as they are."""


class Due(NamedTuple):
    """What is to be done."""

    pull: list[Helper]
    """Put them into the queue."""
    release: list[Place]
    """Take them off it."""


def due(
    helpers: Iterable[Helper],
    pulled: Mapping[Place, Pulled],
    members_of: Callable[[str], Collection[str] | None],
    resting: Callable[[Place], bool],
    at_s: float,
) -> Due:
    """What the rules want done at `at_s`; of several rules for one agent and queue one that pulls goes before.

    `members_of` tells the interfaces in a queue, None where that is unknown: nobody is moved there. Whoever is
    `resting` (released just now, declined, or left by themselves) is not pulled.
    """
    wishes: dict[Place, list[Helper]] = {}
    for helper in helpers:
        wishes.setdefault(helper.place, []).append(helper)
    found = Due([], [])
    for place, each in wishes.items():
        members = members_of(place.queue)
        if members is None:
            continue
        calling = [helper for helper in each if helper.wanted]
        here = pulled.get(place)
        if calling and place.interface not in members and here is None and not resting(place):
            found.pull.append(calling[0])
        if all(helper.wanted is False for helper in each) and place.interface in members and _may_go(here, at_s):
            found.release.append(place)
    return found


def _may_go(pulled: Pulled | None, at_s: float) -> bool:
    return pulled is not None and pulled.why == RULE and at_s - pulled.at_s >= STAY_S
