"""Calls like a given one but for what a few facts read: the same call, imagined otherwise, the nearest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...callers.caller import Caller, Tag
from ...callers.trust import E1, EVIDENCE
from ..facts.table import FactUse
from ..situation import Situation
from ..treatment import agent_of
from .demands import Demand
from .loads import loads, near, with_desk
from .moments import moments
from .numbers import EXAMPLE, with_number, written_numbers
from .pasts import pasts

if TYPE_CHECKING:
    from ..policy import Policy

WIDTH = 3
"""How many ways of changing one thing are gone into."""

DEPTH = 6
"""How many things are changed at most."""

PAST = ("seen", "calls", "answered", "missed", "missed_since_answer", "days_since_last_call")
"""Facts that are changed by another past."""

_FIELDS = {"value": "value", "orders": "orders", "own_agent": "own_agent", "language": "language"}


class Imagination:
    """Imagines calls for one policy; every one is a whole call, which can be decided as any other."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._agents = policy.agents
        self._queues = tuple(policy.queue_rules.values())

    def meeting(self, s: Situation, demands: Sequence[Demand], depth: int = DEPTH) -> Iterator[Situation]:
        """The call, or calls like it, of which every demand holds; each thing changed at a time, the nearest first.

        What a change brings with it is changed as well: another line has another project.
        """
        read = self._policy.gatherer.seen_by(s)
        lacking = [demand for demand in demands if not demand.fits(read(demand.use))]
        if not lacking:
            yield s
            return
        place = self._place(lacking[0].use, s)
        together = [demand for demand in demands if self._place(demand.use, s) == place]
        found = islice(self._fitting(s, place[0], together), WIDTH if depth else 0)
        for changed in found:
            yield from self.meeting(changed, demands, depth - 1)

    def _fitting(self, s: Situation, place: str, demands: Sequence[Demand]) -> Iterator[Situation]:
        for changed in _POOLS[place](self, s, demands):
            read = self._policy.gatherer.seen_by(changed)
            if changed != s and all(demand.fits(read(demand.use)) for demand in demands):
                yield changed

    def _place(self, use: FactUse, s: Situation) -> tuple[str, object]:
        """What is changed to change a fact; facts of one place are changed together."""
        name = use.fact.name
        if name in PAST:
            return "past", ""
        if name == "line.open":
            return ("moment" if s.line.open else "line"), ""
        if use.fact.source == "live":
            return ("agent" if use.fact.arguments == "agent" else "queue"), use.argument
        if use.fact.source == "line":
            return "line", ""
        if use.fact.source == "clock":
            return "moment", ""
        return _PLACES.get(name, name), use.argument if name in ("tag", "open_matter") else ""

    def _with_caller(self, s: Situation, **changes: Any) -> Situation:
        """The call of a caller of whom something else is on record: the number is shown, and the store answers."""
        if not s.number.key:
            s = with_number(self._policy, s, EXAMPLE)
        caller = s.caller._replace(numbers=s.caller.numbers or (s.number.key,), **changes)
        return self._again(s, caller=caller, degraded=False)

    def _again(self, s: Situation, **changes: Any) -> Situation:
        """The call with something changed, its line found and its caller identified anew."""
        return self._policy.situation(*s._replace(**changes)[:6], changes.get("live", s.live), s.decoy)

    def _tag(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        if not s.number.key:
            s = with_number(self._policy, s, EXAMPLE)
        name = str(demands[0].use.argument)
        tags = tuple(tag for tag in s.caller.tags if tag.name != name)
        if any(demand.allowed for demand in demands):
            tags += (Tag(name, trust=min(E1, s.trust)),)
        yield self._again(s, caller=s.caller._replace(tags=tags), degraded=False)  # who is tagged need not be on record

    def _open_matter(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        name = str(demands[0].use.argument)
        others = tuple(matter for matter in s.caller.open_matters if matter != name)
        yield self._with_caller(s, open_matters=(*others, name) if demands[0].allowed else others)

    def _number_on_record(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        name = demands[0].use.fact.name
        seen = getattr(s.caller, name)
        asked = [value for demand in demands for value in demand.asked()]
        yield from (self._with_caller(s, **{_FIELDS[name]: value}) for value in near(asked, seen))

    def _own_agent(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        yield from (self._with_caller(s, own_agent=name) for name in (*self._agents, ""))

    def _last_agent(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        for name in (*self._agents, ""):
            yield self._with_caller(s, history=s.caller.history._replace(last_agent=name))

    def _language(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        spoken = [str(word) for demand in demands for word in demand.asked()] + ["sk", "en", "de"]
        yield from (self._with_caller(s, language=word) for word in spoken)
        yield from (self._again(s, call=s.call._replace(language=word)) for word in (*spoken, ""))

    def _past(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        if not s.number.key or s.degraded:
            s = self._with_caller(s)
        windows_s = [each.use.argument for each in demands if isinstance(each.use.argument, int)]
        since = [each for each in demands if each.use.fact.name == "days_since_last_call"]
        days = [day for each in since for day in near(each.asked(), 0)]
        for history in pasts(s.caller.history, s.at_s, windows_s, days):
            yield self._with_caller(s, history=history)
        yield self._again(s, caller=Caller.UNKNOWN)

    def _store(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        if s.degraded:
            yield self._again(s, degraded=False)
        yield self._again(s, degraded=True, caller=Caller.UNKNOWN)
        if not s.number.key:
            yield with_number(self._policy, s, EXAMPLE)

    def _number(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        for written, presentation in written_numbers(self._policy.numbering, s, demands):
            yield with_number(self._policy, s, written, presentation)

    def _trust(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        for rank in sorted(range(5), key=lambda rank: abs(rank - s.trust)):
            known = (s.call.attestation, s.call.verification, s.call.proven)
            attestation, verification, proven = EVIDENCE.get(rank, known)
            call = s.call._replace(attestation=attestation, verification=verification, proven=proven)
            yield self._again(s, call=call if s.number.kind == "e164" else s.call, trust=rank)
        for attestation in ("", "A", "B", "C"):
            call = s.call._replace(attestation=attestation, verification="success" if attestation else "")
            yield self._again(s, call=call, trust=self._policy.trust_of(call, s.number))

    def _line(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        for number in (*self._policy.lines, ""):
            yield self._again(s, call=s.call._replace(called_number=number))

    def _word_of_call(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        name = demands[0].use.fact.name
        words = [str(word) for demand in demands for word in demand.asked()]
        yield from (self._again(s, call=s.call._replace(**{name: word})) for word in ("", *words, "another"))

    def _redirected(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        yield from (self._again(s, call=s.call._replace(redirecting_number=number)) for number in ("", EXAMPLE))

    def _moment(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        sizes = {"hour": 60, "time": 1}
        asked = [(demand.asked(), sizes[demand.use.fact.name]) for demand in demands if demand.use.fact.name in sizes]
        edges = [int(each or 0) * size for values, size in asked for each in values]
        minutes = [edge + step for edge in edges for step in (-1, 0, 1, 60)]
        for at_s in moments(s.at_s, self._policy.house, minutes):
            if at_s > s.caller.history.last_at_s:  # else calls would be in the past that have not been
                yield self._again(s, at_s=at_s)

    def _queue(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        queue = self._policy.queue_rules[str(demands[0].use.argument)]
        calls = [s]
        if any(demand.use.fact.name == "under_bar" for demand in demands):
            calls += self._of_other_worth(s, [step.value for step in queue.value_bar])
        yield from calls[1:]
        for call in calls:
            for line in loads(call, queue, demands, self._queues, self._agents.values()):
                yield self._again(call, live=line)

    def _of_other_worth(self, s: Situation, bar: Sequence[int]) -> Iterator[Situation]:
        """The call of a caller of another value, or who spoke with somebody the last time, or both."""
        spoken = s.caller.history
        if spoken.recent and spoken.recent[-1].outcome != "answered":
            answered = spoken.recent[-1]._replace(outcome="answered")
            spoken = spoken._replace(recent=(*spoken.recent[:-1], answered))
        for history in dict.fromkeys((s.caller.history, spoken)):
            for value in dict.fromkeys((s.caller.value, *near(bar, s.caller.value))):
                yield self._with_caller(s, value=value, history=history)

    def _agent(self, s: Situation, demands: Sequence[Demand]) -> Iterator[Situation]:
        which = str(demands[0].use.argument)
        desks = [s]
        if which in ("own", "last"):
            changed = self._own_agent if which == "own" else self._last_agent
            desks = [s] if agent_of(self._agents, which, s).desk else list(changed(s, demands))
        for each in desks:
            agent = agent_of(self._agents, which, each) if which in ("own", "last") else self._agents[which]
            for free in (True, False):
                if agent.desk:
                    yield self._again(each, live=with_desk(each, agent.desk, free, self._queues, self._agents.values()))


Pool = Callable[[Imagination, Situation, Sequence[Demand]], Iterator[Situation]]
"""Calls with one thing changed; not all of them need to fit."""

_PLACES = {
    "identified": "store", "degraded": "store",
    "numbered": "number", "number_kind": "number", "country": "number", "prefix": "number", "share": "number",
    "attestation": "trust",
}  # fmt: skip
"""Where a fact is changed, when that is not named like it."""

_POOLS: Mapping[str, Pool] = {
    "tag": Imagination._tag, "open_matter": Imagination._open_matter,
    "value": Imagination._number_on_record, "orders": Imagination._number_on_record,
    "own_agent": Imagination._own_agent, "last_agent": Imagination._last_agent, "language": Imagination._language,
    "past": Imagination._past, "store": Imagination._store, "number": Imagination._number,
    "trust": Imagination._trust, "line": Imagination._line, "trunk": Imagination._word_of_call,
    "choice": Imagination._word_of_call, "redirected": Imagination._redirected, "moment": Imagination._moment,
    "queue": Imagination._queue, "agent": Imagination._agent,
}  # fmt: skip
