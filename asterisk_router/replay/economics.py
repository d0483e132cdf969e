"""What past calls were worth and cost, by class, and what those paid who were overtaken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .arrivals import StaffedCall


class ValuedCall(NamedTuple):
    """A past call, whose class is known, and what it was worth if it was answered."""

    call: StaffedCall
    """When it came, how long it waited, how long an agent had with it."""
    caller_class: str
    """Its class, or whatever callers are told apart by."""
    value: float
    """What it brings when it is answered, in money of any kind; 0 when nobody says."""


@dataclass
class ClassEconomics:
    """The calls of one class."""

    caller_class: str
    """Its name."""
    calls: int = 0
    """Callers who asked for an agent."""
    answered: int = 0
    """Those who were answered."""
    waited_s: float = 0.0
    """What all of them waited together."""
    handling_s: float = 0.0
    """Time agents had with them."""
    value_served: float = 0.0
    """Value of those who were answered."""
    value_lost: float = 0.0
    """Value of those who gave up."""
    jumps: int = 0
    """Those who were answered sooner than in the order in which callers came."""
    gained_s: float = 0.0
    """Seconds they were answered sooner, together."""
    overtaken: int = 0
    """Those who were answered later than in that order."""
    paid_s: float = 0.0
    """Seconds they were answered later, together."""


def by_class(calls: Iterable[ValuedCall]) -> list[ClassEconomics]:
    """Every class, by name. Who hung up before waiting asked for no agent and is left out, as in staffing.

    Displacement: the very moments at which agents took calls are given, in thought, to the answered callers in the
    order in which they came. Who was answered before their turn has gained the difference, who was answered after
    it has paid it; what all gain is what all pay. Calls whose wait the log does not say take no part in it.
    """
    found: dict[str, ClassEconomics] = {}
    came_s: list[float] = []
    answered_s: list[float] = []
    whose: list[ClassEconomics] = []
    for (day, second, handling_s, waited_s, answered), name, value in calls:
        if not answered and waited_s == 0:
            continue
        row = found.get(name) or found.setdefault(name, ClassEconomics(name))
        row.calls += 1
        row.waited_s += waited_s or 0.0
        if not answered:
            row.value_lost += value
            continue
        row.answered += 1
        row.handling_s += handling_s
        row.value_served += value
        if waited_s is not None:
            came_s.append(day * 86400.0 + second)
            answered_s.append(came_s[-1] + waited_s)
            whose.append(row)
    _displace(came_s, answered_s, whose)
    return [found[name] for name in sorted(found)]


def _displace(came_s: list[float], answered_s: list[float], whose: list[ClassEconomics]) -> None:
    """Note for each class what its callers gained and paid."""
    # of two who came in the same second, the one answered first came first
    in_order = sorted(range(len(came_s)), key=lambda place: (came_s[place], answered_s[place]))
    for place, turn_s in zip(in_order, sorted(answered_s), strict=True):
        sooner_s, row = turn_s - answered_s[place], whose[place]
        if sooner_s > 0:
            row.jumps += 1
            row.gained_s += sooner_s
        elif sooner_s < 0:
            row.overtaken += 1
            row.paid_s -= sooner_s
