"""A decision without a call: what the router would answer if this number rang on that line at that time."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from ..call_path import CallPath
from ..callers.caller import Caller
from ..errors import SettingsError
from ..policy.file.words import nearest
from ..policy.imagining.line import imagined_line
from ..policy.imagining.what_if import what_ifs
from ..policy.rules.conditions import atoms_of
from ..policy.situation import NO_DECOY, DecoySwitch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ..numbering.number import Number
    from ..policy.decision import Decision
    from ..policy.explain import RuleSeen
    from ..policy.imagining.what_if import WhatIf
    from ..policy.policy import Policy
    from ..policy.situation import LiveAnswers
    from ..wire.incoming_call import IncomingCall

REPEATS = 100
"""How often a decision is taken to time it: the first one meets cold memory, which a daemon does not."""


class RoutedCall(NamedTuple):
    """What was decided for an imagined call, and from what."""

    decision: Decision
    """The whole decision."""
    call: IncomingCall
    """The call as it was imagined."""
    number: Number
    """What the number turned out to be."""
    caller: Caller
    """Who was found, with what the person who asked added."""
    at_s: float
    """When it rang, in seconds since 1970 UTC."""
    degraded: bool
    """Whether the store failed, so that the caller is unknown for no better reason."""
    microseconds: float
    """Median time from the raw number to the decision, the look-up left out."""


class Story(NamedTuple):
    """Why a call went where it went, and what else could have been."""

    rules: tuple[RuleSeen, ...]
    """Every rule of classify, treat and bonus, in order, with the values it saw."""
    what_if: tuple[WhatIf, ...]
    """For each rule that was tried, the fewest facts by which it would have done otherwise."""


class OneLine(NamedTuple):
    """The same live line for every call."""

    line: LiveAnswers
    """The line."""

    def of(self, uniqueid: str) -> LiveAnswers:
        """That line, whatever the call."""
        return self.line


def with_load(path: CallPath, load: Sequence[str], decoy: bool = False) -> CallPath:
    """The path with a line imagined as `["sales.free=0", "sales.pressure=busy", "anna.free=true"]` says.

    And with the decoy switched on, where `decoy` says so.

    Raises SettingsError.
    """
    table: dict[str, object] = {}
    for text in load:
        key, _, value = text.partition("=")
        table[key] = int(value) if value.isdecimal() else {"true": True, "false": False}.get(value, value)

    def complain(keys: tuple[str, ...], problem: str, remedy: str) -> None:
        raise SettingsError(problem, where="--load", remedy=remedy)

    line = imagined_line(table, path.policy.queue_rules, path.policy.agents, complain)
    switch = DecoySwitch("", "whoever imagines this") if decoy else NO_DECOY
    return CallPath(path.policy, path.book, path.ranges, OneLine(line), decoy=lambda: switch)


def unasked_tags(policy: Policy, tags: Iterable[str]) -> Iterator[str]:
    """What is to be said of imagined tags that the policy never asks for: most are misspelt."""
    asked = {
        str(atom.use.argument)
        for rules in policy.rules.values()
        for rule in rules
        for atom in atoms_of(rule.condition)
        if atom.use.fact.name == "tag"
    }
    asked.update(policy.decoy_rules.tags)
    for name in dict.fromkeys(tags):
        if name not in asked:
            yield f"no rule asks for tag('{name}') ({nearest(name, asked)})"


async def route_without_call(
    path: CallPath, call: IncomingCall, at_s: float, imagined: Callable[[Caller], Caller]
) -> RoutedCall:
    """Find who would be calling, change them by `imagined`, and decide; nothing is noted in any history."""
    number = path.policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
    caller, degraded = await _find(path, number.key)
    caller = imagined(caller)
    took_ns = []
    for _ in range(REPEATS):
        started_ns = time.perf_counter_ns()
        number = path.policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
        decision = path.decide(call, number, caller, at_s, degraded)
        took_ns.append(time.perf_counter_ns() - started_ns)
    return RoutedCall(decision, call, number, caller, at_s, degraded, median(took_ns) / 1000)


def story_of(path: CallPath, routed: RoutedCall) -> Story:
    """Every rule that was tried for the same call, the values it saw, what became of it, and what it would take."""
    call, number = routed.call, routed.number
    caller = routed.caller._replace(tags=routed.caller.tags + path.ranges.tags_of(number.key))
    live = path.lines.of(call.uniqueid)
    policy = path.policy
    trust = policy.trust_of(call, number)
    situation = policy.situation(call, number, caller, routed.at_s, trust, routed.degraded, live, path.decoy())
    return Story(policy.explain(*situation[:6], live, situation.decoy).rules, tuple(what_ifs(policy, situation)))


async def _find(path: CallPath, key: str) -> tuple[Caller, bool]:
    if not key:
        return Caller.UNKNOWN, False
    answer: asyncio.Future[tuple[Caller, bool]] = asyncio.get_running_loop().create_future()
    path.book.find(key, lambda caller, degraded: answer.set_result((caller, degraded)))
    return await answer
