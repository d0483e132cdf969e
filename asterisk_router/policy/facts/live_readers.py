"""How each fact of the live line is read; None is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...queues.live_line import LiveLine
from ..live_view import LiveViews
from ..situation import Situation
from ..treatment import Agent, agent_of
from .table import Value

Read = Callable[[Situation], Value]
"""One fact of one call."""

PROTECTED_MATTER = "incident"
"""Whoever has it open is never under a value bar."""


def live_reader(name: str, argument: str, agents: Mapping[str, Agent], views: LiveViews) -> Read:
    """The function that reads one fact of the live line about a queue or an agent of the policy."""
    if name == "agent.free":
        return _agent_free(argument, agents)
    if name == "pressure":
        return lambda s: views.of(s.live).pressure(argument, s.at_s)
    if name == "under_bar":
        return _under_bar(argument, views)
    queue = views.queues[argument].asterisk
    reads: dict[str, Read] = {
        "queue.free": lambda s: s.live.free(queue, s.at_s),
        "queue.waiting": lambda s: s.live.waiting(queue, s.at_s),
        "queue.longest_wait": lambda s: s.live.longest_wait_s(queue, s.at_s),
        "queue.expected_wait": lambda s: views.of(s.live).expected_wait_s(argument, s.at_s),
    }
    return reads[name]


def _agent_free(argument: str, agents: Mapping[str, Agent]) -> Read:
    if argument not in ("own", "last"):
        desk = agents[argument].desk
        return lambda s: s.live.agent_free(desk, s.at_s)

    def read(s: Situation) -> Value:
        desk = agent_of(agents, argument, s).desk
        return s.live.agent_free(desk, s.at_s) if desk else None

    return read


def _under_bar(queue: str, views: LiveViews) -> Read:
    """Whether a caller's value does not reach the bar of a queue, as far as the caller, not the class, says.

    The floor that lets nobody starve: whoever was missed at the latest call, for whatever reason, put off included, is
    not under the bar; so nobody is put off twice before a person has spoken with them. Three-valued like every
    condition: what is certainly false is false, whatever else is unknown.
    """

    def read(s: Situation) -> Value:
        _, _, caller, at_s, _, _, _, identified, live, _ = s
        least = None if live is LiveLine.UNKNOWN else views.of(live).least_value(queue, at_s)
        if least == 0:
            return False
        if not identified:
            return None
        if least is not None and caller.value >= least or PROTECTED_MATTER in caller.open_matters:
            return False
        recent = caller.history.recent
        latest = recent[-1].outcome if recent else "answered"
        if latest == "missed":
            return False
        return None if least is None or latest == "unknown" else True

    return read
