"""How many agents the coming week takes, quarter hour by quarter hour.

What is assumed beside the forecast and the formulas (`arrivals`, `erlang`): each quarter hour is taken by itself, as if
its load had lasted; an agent can take every call; agents at work take calls all the time: breaks come on top.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from .arrivals import QUARTER_S, ExpectedQuarter
from .erlang import Goal, Load, Service, agents_needed, service


class Need(NamedTuple):
    """What a quarter hour of the coming week takes."""

    expected: ExpectedQuarter
    """The calls in it."""
    erlangs: float
    """Agents who would be busy at once if nobody had to wait."""
    agents_c: int
    """Agents that keep the promise if no caller ever gave up (Erlang C)."""
    agents_a: int
    """Agents that keep the promise when callers give up as they did (Erlang A); as `agents_c` where none did."""
    service: Service
    """How callers fare with `agents_a`."""


def needs(week: Iterable[ExpectedQuarter], goal: Goal, patience_s: float = inf) -> list[Need]:
    """The agents each quarter hour takes; raises RouterError for a promise that nobody can keep."""
    found = []
    for quarter in week:
        load = Load(quarter.calls / QUARTER_S, quarter.handling_s)
        agents_c = agents_needed(load, goal)
        agents_a = agents_needed(load, goal, patience_s) if patience_s < inf else agents_c
        fares = service(agents_a, load, goal.within_s, patience_s)
        found.append(Need(quarter, load.erlangs, agents_c, agents_a, fares))
    return found


def agent_hours(week: Iterable[Need]) -> tuple[float, float]:
    """Hours of work the week takes, by Erlang C and by Erlang A."""
    kept = list(week)
    return sum(need.agents_c for need in kept) / 4, sum(need.agents_a for need in kept) / 4
