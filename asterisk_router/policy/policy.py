"""A policy in force: who a caller is for the house, and what they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..callers.caller import Caller
from ..callers.trust import asserted_number, trust_of
from ..numbering.number import Number
from ..numbering.plan import NumberingPlan
from ..queues.live_line import LiveLine
from ..wire.incoming_call import IncomingCall
from .call_back_rules import CallBackRules
from .class_rules import ClassRules
from .decision import Decision
from .explain import Explanation, explain
from .facts.facts_seen import FactsSeen
from .facts.gather import Gatherer
from .facts.readers import House
from .facts.table import PRESSURE_LEVELS
from .guard.claims import Claims
from .guard.guard_rails import NOTHING_HELD, DecoyRules, GuardRails, Held
from .guard.privileges import TrustTable
from .outcomes import MOST_OUTCOMES, Outcomes
from .queue_rules import QueueRules
from .reserves import Reserve, WrittenReserve
from .rules.compile import Compiled
from .rules.lists import Rule
from .situation import NO_DECOY, DecoySwitch, Line, LiveAnswers, Situation
from .treatment import Agent, Desks

UNKNOWN_LINE = Line()

_UNKNOWN_CLASS = ClassRules()


class Parts(NamedTuple):
    """Everything a policy says, checked."""

    name: str
    """`[policy] name`."""
    version: str
    """Name and a hash of the files, a safe token."""
    numbering: NumberingPlan
    """How numbers are written here."""
    branches: tuple[str, ...]
    """Extensions of the dialplan's branches context."""
    queues: Mapping[str, QueueRules]
    """Queues, by name."""
    agents: Mapping[str, Agent]
    """People who answer, by name."""
    lines: Mapping[str, Line]
    """Numbers of the house, by canonical number."""
    classes: Mapping[str, Mapping[str, Any]]
    """Classes, and what each gets."""
    class_rules: Mapping[str, ClassRules]
    """Classes, and what each is owed."""
    call_back_rules: CallBackRules
    """How missed calls are called back."""
    reserves: tuple[WrittenReserve, ...]
    """Agents who help out."""
    preempt_talking: bool
    """Whether a conversation may be ended for a class that pre-empts."""
    house: House
    """Schedules, holidays and the time zone."""
    languages: tuple[str, ...]
    """Languages with greetings."""
    bonus_limit_s: int
    """Most that all bonuses together add."""
    trust: TrustTable
    """The least trust of each privilege."""
    screened: frozenset[str]
    """Trunks whose asserted identities are believed."""
    rules: Mapping[str, list[Rule]]
    """Classify, treat and bonus rules in order of trial."""
    tests: int
    """How many `[[test]]` blocks hold it to its word."""
    decoy: DecoyRules = DecoyRules()
    """What it says about the decoy branch."""


class Policy:
    """Decides calls; nothing in it changes what it decides, so a reload is a new one."""

    def __init__(self, parts: Parts, compiled: Compiled) -> None:
        self._parts = parts
        self.compiled = compiled
        """The rules as terms over dimensions and labels: what a rule demands, for whoever asks what it would take."""
        self.program = compiled.program
        """The kernel's `Program`: what `walk` asks, and what replay walks many calls with at once."""
        self.name = parts.name
        """As in `[policy] name`."""
        self.version = parts.version
        """Name and content hash: `shop-3f2a9c1d`."""
        self.numbering = parts.numbering
        """How numbers are written here."""
        self.timezone = parts.house.timezone
        """IANA name of the time zone of `weekday`, `hour` and `time`."""
        self.branches = parts.branches
        """Extensions of the dialplan's branches context a call can be sent to."""
        self.tests = parts.tests
        """How many `[[test]]` blocks it has passed."""
        self.queues = tuple(parts.queues)
        """Queues a call can wait in."""
        self.queue_rules = parts.queues
        """What the policy says about each of them, by the policy's name."""
        self.call_back_rules = parts.call_back_rules
        """How missed calls are called back."""
        self.preempt_talking = parts.preempt_talking
        """Whether a conversation may be ended for a class that pre-empts."""
        self.bonus_limit_s = parts.bonus_limit_s
        """Most seconds that all bonuses together add."""
        self.agents = parts.agents
        """People who answer, by name."""
        self.lines = parts.lines
        """Numbers of the house, by canonical number."""
        self.classes = tuple(parts.classes)
        """Names of the classes, in the order of the file."""
        self.gatherer = Gatherer(compiled, parts.house)
        """Reads the facts of a call for the program."""
        self.reserves = tuple(Reserve(each, parts.agents, self.gatherer.value_of) for each in parts.reserves)
        """Agents who help out in queues."""
        self.guard_rails = GuardRails(
            parts.rules, parts.classes, parts.class_rules, parts.decoy, parts.trust.decoy, self.gatherer.seen_by
        )
        """What it cannot do, whatever it says."""
        self._names = {place: agent.name for agent in parts.agents.values() for place in (agent.mobile, agent.desk)}
        self.trust = parts.trust
        """The least trust of each privilege."""
        self._called: dict[str, Line] = {}
        self._facts_seen: FactsSeen | None = None  # made after the first answer
        self._written = _written_forms(parts.lines, parts.numbering)
        self._outcomes = Outcomes(parts, Desks(parts.agents, parts.house.views, parts.languages))

    @property
    def rules(self) -> Mapping[str, list[Rule]]:
        """Classify, treat and bonus rules in the order in which they are tried."""
        return self._parts.rules

    @property
    def decoy_rules(self) -> DecoyRules:
        """What it says about the decoy branch."""
        return self._parts.decoy

    @property
    def house(self) -> House:
        """Schedules, holidays, the time zone, and the people who answer."""
        return self._parts.house

    def class_fields(self, name: str) -> Mapping[str, Any]:
        """What a class gets, by the keys of `[classes.NAME]`; only those written. Raises KeyError."""
        return self._parts.classes[name]

    def class_rules(self, name: str) -> ClassRules:
        """What a class is owed and what it may be asked; `ClassRules()` for one the policy does not know."""
        return self._parts.class_rules.get(name, _UNKNOWN_CLASS)

    def agent_by_interface(self, interface: str) -> str:
        """The name of the agent whose desk or mobile that is; empty for nobody's."""
        return self._names.get(interface, "") if interface else ""

    def pressures(self, live: LiveAnswers, at_s: float) -> dict[str, str | None]:
        """The word for how hard each queue is pressed, by the policy's name, as `pressure(...)` reads it."""
        view = self._parts.house.views.of(live)
        ranks = {queue: view.pressure(queue, at_s) for queue in self.queues}
        return {queue: None if rank is None else PRESSURE_LEVELS[rank] for queue, rank in ranks.items()}

    def line_of(self, called_number: str) -> Line:
        """The line behind a number as a trunk writes it; `Line()` when the policy does not know it."""
        line = self._called.get(called_number)
        if line is None:
            line = self._written.get(_digits(called_number))
            if line is None:
                line = self.lines.get(self.numbering.normalise(called_number).key, UNKNOWN_LINE)
            if len(self._called) >= MOST_OUTCOMES:
                self._called.clear()
            self._called[called_number] = line
        return line

    def situation(
        self,
        call: IncomingCall,
        number: Number,
        caller: Caller,
        at_s: float,
        trust: int,
        degraded: bool,
        live: LiveAnswers = LiveLine.UNKNOWN,
        decoy: DecoySwitch = NO_DECOY,
    ) -> Situation:
        """A call with its line found: what facts are read from."""
        identified = not degraded and number.key != ""
        line = self.line_of(call.called_number)
        # the same as Situation(...), in a third of the time
        return tuple.__new__(Situation, (call, number, caller, at_s, trust, degraded, line, identified, live, decoy))

    def decide(
        self,
        call: IncomingCall,
        number: Number,
        caller: Caller,
        at_s: float,
        trust: int,
        degraded: bool,
        live: LiveAnswers = LiveLine.UNKNOWN,
        claims: Claims = Claims.NONE,
        decoy: DecoySwitch = NO_DECOY,
    ) -> Decision:
        """Classify and treat one call within the guard rails, and withhold what its number is not trusted enough for.

        A tainted one gets the closing default whatever it says. `claims` are those made before.
        """
        return self.decide_as_it_stands(
            self.situation(call, number, caller, at_s, trust, degraded, live, decoy), claims
        )

    def decide_as_it_stands(self, situation: Situation, claims: Claims = Claims.NONE) -> Decision:
        """The same for a situation that is put together already."""
        if situation.call.tainted:
            return self._outcomes.of(self._outcomes.default).decision(situation, self.version)
        gatherer = self.gatherer
        buckets, labels = gatherer.buckets(situation), gatherer.labels(situation)
        won, held = self.guard_rails.held(self.program.walk(buckets, labels), situation)
        if situation.trust >= self._outcomes.enough:
            outcome = self._outcomes.of(won, held)
        else:
            stranger: tuple[int, ...] = ()  # whoever nobody knows claims nothing
            if situation.caller is not Caller.UNKNOWN:
                stranger = self.program.walk(*gatherer.of_stranger(situation, buckets, labels))
            outcome = self._outcomes.granted(situation, won, stranger, claims, held)
        return outcome.decision(situation, self.version)

    def trust_of(self, call: IncomingCall, number: Number) -> int:
        """Trust in the number of `call`; the identity a trunk asserts counts where the policy says that it screens."""
        if not call.asserted or call.trunk not in self._parts.screened:
            return trust_of(call, number)
        asserted = self.numbering.normalise(asserted_number(call.asserted), "", call.trunk)
        return trust_of(call, number, asserted.key == number.key)

    def walk(self, situation: Situation) -> tuple[int, ...]:
        """The winning classify rule, treat rule (-1 for none), and every bonus rule, by index."""
        gatherer = self.gatherer
        won = self.program.walk(gatherer.buckets(situation), gatherer.labels(situation))
        return self.guard_rails.held(won, situation)[0]

    def walk_within_rails(self, situation: Situation) -> tuple[tuple[int, ...], Held]:
        """The same, with what the guard rails did; the default for a tainted call, whatever it says."""
        if situation.call.tainted:
            return self._outcomes.default, NOTHING_HELD
        gatherer = self.gatherer
        won = self.program.walk(gatherer.buckets(situation), gatherer.labels(situation))
        return self.guard_rails.held(won, situation)

    def in_full(self, situation: Situation, won: tuple[int, ...]) -> Decision:
        """What the rules that won give, nothing withheld: for past calls whose number is trusted enough."""
        return self._outcomes.of(won).decision(situation, self.version)

    def explain(
        self,
        call: IncomingCall,
        number: Number,
        caller: Caller,
        at_s: float,
        trust: int,
        degraded: bool,
        live: LiveAnswers = LiveLine.UNKNOWN,
        decoy: DecoySwitch = NO_DECOY,
    ) -> Explanation:
        """The same decision by the same program, with every rule tried and the values seen."""
        situation = self.situation(call, number, caller, at_s, trust, degraded, live, decoy)
        won, held = self.walk_within_rails(situation)
        decision = self.decide_as_it_stands(situation)
        return explain(self.rules, won, decision, self.gatherer.seen_by(situation), held.aside)

    def facts_seen(self, situation: Situation) -> str:
        """The facts its rules ask about, as they are in that situation, on one line."""
        if self._facts_seen is None:
            self._facts_seen = FactsSeen(self.rules, self.gatherer.readers_of)
        return self._facts_seen.line(situation)


def _digits(number: str) -> str:
    return number.lstrip("+")


def _written_forms(lines: Mapping[str, Line], numbering: NumberingPlan) -> dict[str, Line]:
    """Lines by every way a trunk writes them that needs no guess."""
    forms: dict[str, Line] = {}
    for line in lines.values():
        for also in line.also:
            forms.setdefault(_digits(also), line)
        for prefix in ("", "00", *numbering.international_prefixes):
            forms.setdefault(prefix + _digits(line.number), line)
    return forms
