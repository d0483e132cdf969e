"""A live line somebody imagined, for the tests of a policy and for asking what would be; it never grows old."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from math import inf
from typing import Any

from ...queues.pressure import PressureGauge
from ..facts.table import PRESSURE_LEVELS
from ..file.kinds import CHECKS, Unfit
from ..file.schema import FieldKind
from ..file.words import duration_of, nearest
from ..queue_rules import QueueRules
from ..treatment import Agent

Complain = Callable[[tuple[str, ...], str, str], None]
"""Told about one fault: the keys that lead to it, the problem and the remedy."""

_KINDS: dict[str, FieldKind] = {
    "free": "whole", "waiting": "whole", "longest_wait": "duration", "expected_wait": "duration", "pressure": "text",
}  # fmt: skip


class ImaginedLine:
    """Answers like a live line with what was written; what was not is unknown. Nothing in it changes."""

    turn = 0
    """Never changes."""
    losses = 0
    """It is never lost."""
    good_until_s = inf
    """Never stale."""

    def __init__(self, queues: Mapping[tuple[str, str], int], agents: Mapping[str, bool]) -> None:
        """`queues` are answers by queue in Asterisk and attribute, waits in seconds; `agents` go by interface."""
        self._queues = queues
        self._agents = agents

    def free(self, queue: str, at_s: float) -> int | None:
        """Agents who could take a call now."""
        return self._queues.get((queue, "free"))

    def waiting(self, queue: str, at_s: float) -> int | None:
        """Callers waiting."""
        return self._queues.get((queue, "waiting"))

    def waiting_among(self, queue: str, uniqueids: Set[str], at_s: float) -> int:
        """How many of those calls wait: none, nobody imagined who does."""
        return 0

    def longest_wait_s(self, queue: str, at_s: float) -> int | None:
        """Seconds the caller who waits longest has waited."""
        return self._queues.get((queue, "longest_wait"))

    def expected_wait_s(self, queue: str, at_s: float, head_start_s: int = 0) -> int | None:
        """Seconds a caller who enters now will wait: as written, whatever the head start."""
        return self._queues.get((queue, "expected_wait"))

    def agent_free(self, interface: str, at_s: float) -> bool | None:
        """Whether the agent could be rung now."""
        return self._agents.get(interface)


def imagined_line(
    load: Any, queues: Mapping[str, QueueRules], agents: Mapping[str, Agent], complain: Complain
) -> ImaginedLine:
    """The line that a table such as `{"sales.free": 0, "sales.pressure": "busy", "anna.free": True}` describes.

    Keys name queues and agents of the policy; `{"sales": {"free": 0}}` says the same.
    """
    of_queues: dict[tuple[str, str], int] = {}
    of_agents: dict[str, bool] = {}
    words: list[tuple[tuple[str, ...], QueueRules, str]] = []
    for path, name, attribute, value in _pairs(load, complain):
        try:
            if name in agents and attribute == "free" and (isinstance(value, bool) or name not in queues):
                of_agents[agents[name].desk] = CHECKS["flag"](value)
            elif name not in queues:
                raise Unfit(f"{name!r} is no queue and no agent", nearest(name, [*queues, *agents]))
            elif attribute not in _KINDS:
                raise Unfit(f"a queue has no {attribute!r}", nearest(attribute, _KINDS))
            else:
                answer = CHECKS[_KINDS[attribute]](value)
                if attribute == "pressure":
                    words.append((path, queues[name], answer))
                else:
                    of_queues[queues[name].asterisk, attribute] = answer
        except Unfit as unfit:
            complain(path, f"{'.'.join(path)}: {unfit.problem}", unfit.remedy)
    for path, queue, word in words:
        _press(of_queues, path, queue, word, complain)
    return ImaginedLine(of_queues, of_agents)


def _pairs(load: Any, complain: Complain) -> Iterator[tuple[tuple[str, ...], str, str, Any]]:
    """Every value with its keys, whose it is and what it says."""
    if not isinstance(load, dict):
        complain((), "load must be a table", "write load = { 'sales.free' = 0 }")
        return
    for key, value in load.items():
        if isinstance(value, dict):
            yield from (((key, inner), key, inner, each) for inner, each in value.items())
            continue
        name, dot, attribute = key.rpartition(".")
        if dot:
            yield (key,), name, attribute, value
        else:
            complain((key,), f"{key!r} does not say what of it", f"write '{key}.free'")


def _press(
    answers: dict[tuple[str, str], int], path: tuple[str, ...], queue: QueueRules, word: str, complain: Complain
) -> None:
    """Put a queue under the pressure wanted: pressure follows from the expected wait, here as on a real line."""
    if word not in PRESSURE_LEVELS:
        complain(path, f"{'.'.join(path)}: {word!r} is no pressure", nearest(word, PRESSURE_LEVELS))
        return
    least_s = (0, queue.busy_from_s, queue.overloaded_from_s)[PRESSURE_LEVELS.index(word)]
    wait_s = answers.setdefault((queue.asterisk, "expected_wait"), least_s)
    read = PressureGauge(queue.busy_from_s, queue.overloaded_from_s).read(wait_s)
    if read != word:
        problem = f"{'.'.join(path)}: with an expected wait of {duration_of(wait_s)} it is {read}, not {word}"
        complain(path, problem, "leave one of the two out")
