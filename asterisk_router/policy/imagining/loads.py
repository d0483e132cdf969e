"""Other loads a live line could have: the line as it is, with single answers changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from ..facts.table import Value
from ..queue_rules import QueueRules
from ..situation import LiveAnswers, Situation
from ..treatment import Agent
from .demands import Demand
from .line import ImaginedLine

Answers = Mapping[tuple[str, str], int]
"""Answers by queue in Asterisk and attribute, as of `ImaginedLine`."""


def answers_of(live: LiveAnswers, queues: Iterable[QueueRules], at_s: float) -> dict[tuple[str, str], int]:
    """All that a line says about the queues, by queue in Asterisk and attribute; what is unknown is left out."""
    found: dict[tuple[str, str], int] = {}
    for queue in queues:
        name = queue.asterisk
        said = {
            "free": live.free(name, at_s), "waiting": live.waiting(name, at_s),
            "longest_wait": live.longest_wait_s(name, at_s), "expected_wait": live.expected_wait_s(name, at_s),
        }  # fmt: skip
        found |= {(name, attribute): answer for attribute, answer in said.items() if answer is not None}
    return found


def agents_of(live: LiveAnswers, agents: Iterable[Agent], at_s: float) -> dict[str, bool]:
    """Which desks could be rung, by interface; what is unknown is left out."""
    said = {agent.desk: live.agent_free(agent.desk, at_s) for agent in agents}
    return {desk: free for desk, free in said.items() if free is not None}


def loads(
    s: Situation, queue: QueueRules, demands: Iterable[Demand], queues: Iterable[QueueRules], agents: Iterable[Agent]
) -> Iterator[ImaginedLine]:
    """The line of a call with other answers about one queue, as the facts demanded of it may need them."""
    answers = answers_of(s.live, queues, s.at_s)
    desks = agents_of(s.live, agents, s.at_s)
    wanted: dict[str, list[int]] = {}
    for demand in demands:
        for attribute, values in _wanted(demand, queue, answers.get((queue.asterisk, "expected_wait"))):
            wanted.setdefault(attribute, []).extend(values)
    for chosen in product(*wanted.values()):
        said = {(queue.asterisk, attribute): value for attribute, value in zip(wanted, chosen, strict=True)}
        yield ImaginedLine({**answers, **said}, desks)


def with_desk(
    s: Situation, desk: str, free: bool, queues: Iterable[QueueRules], agents: Iterable[Agent]
) -> ImaginedLine:
    """The line of a call with one desk free or not."""
    answers = answers_of(s.live, queues, s.at_s)
    return ImaginedLine(answers, {**agents_of(s.live, agents, s.at_s), desk: free})


def near(asked: Iterable[Value], seen: Value) -> list[int]:
    """Whole numbers from 0 on at and beside those asked about, the nearest to the one seen first."""
    whole = [each for each in asked if isinstance(each, int)]
    beside = {each + step for each in whole for step in (-1, 0, 1)} | {0}
    home = seen if isinstance(seen, int) else 0
    return sorted((each for each in beside if each >= 0), key=lambda each: (abs(each - home), each))


def _wanted(demand: Demand, queue: QueueRules, expected_s: int | None) -> Iterator[tuple[str, list[int]]]:
    """Which answer decides the fact, and what it may be; a pressure and a bar follow from the expected wait."""
    _, _, attribute = demand.use.fact.name.partition(".")
    if attribute:
        yield attribute, near(demand.asked(), None)
        return
    steps = [0, queue.busy_from_s, queue.overloaded_from_s] if demand.use.fact.name == "pressure" else [0]
    steps += [step.wait_s for step in queue.value_bar] if demand.use.fact.name == "under_bar" else []
    yield "expected_wait", sorted(steps, key=lambda wait_s: (abs(wait_s - (expected_s or 0)), wait_s))
