"""Who was calling, as it could be known then: histories rebuilt from the log itself, call after call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..callers.caller import Caller, History, Tag
from ..callers.history import add_call
from ..numbering.number import Number
from ..numbering.plan import NumberingPlan
from ..policy.policy import Policy
from ..wire.incoming_call import IncomingCall
from .decisions import Side
from .past_call import LoggedCall
from .past_decisions import PastDecisions

MOST_STRETCHES = 600_000
"""Stretches of time of which a policy remembers what the clock says: more than a year has minutes, some 60 MB when a
policy asks the time by the minute and all are met; quarters of an hour, as for nearly all, are 35,000 a year."""


def number_of(call: LoggedCall, numbering: NumberingPlan, persons: bool) -> Number:
    """Which number called; in a log of persons the person stands for a public number of no country."""
    if not persons:
        return numbering.normalise(call.caller, "", call.trunk)
    return Number("e164", call.caller, "", call.caller) if call.caller else Number("withheld", "")


class Decided(NamedTuple):
    """One call, decided."""

    sides: list[Side]
    """By each policy, in their order."""
    number: str
    """Canonical number of the caller; empty when there is none."""
    line: str
    """The line called, as a policy knows it, else as the log has it."""


class ReplayedCallers:
    """The callers of one log; ask about its calls in the order in which they rang.

    What is known of a caller is what the log says of the call (tags, value, language) and the earlier calls of the
    same number in the same log. An earlier call is taken to have ended before the next one rings. Trust in a number is
    that of the first policy, as its numbering is.
    """

    def __init__(self, policies: Sequence[Policy], persons: bool) -> None:
        """Numbers are read by the plan of the first policy, for all of them."""
        self._numbering = policies[0].numbering
        self._trust_of = policies[0].trust_of
        self._persons = persons
        self._decisions = [PastDecisions(policy) for policy in policies]
        self._histories: dict[str, History] = {}
        self._numbers: dict[tuple[str, str], tuple[Number, int]] = {}
        for policy in policies:
            policy.gatherer.most_stretches = MOST_STRETCHES

    def forget(self) -> None:
        """Forget the callers: the next calls are those of others."""
        self._histories.clear()
        self._numbers.clear()

    def decide(self, call: LoggedCall) -> Decided:
        """What each policy decides, as it would have live; then the call belongs to the history."""
        at_s, raw, called, outcome, _, trunk, choice, language, names, value = call[1:11]
        refused = call.refused
        number, trust = self._numbers.get((raw, trunk)) or self._read(call)
        kind_of_number, key, country, _ = number
        history = self._histories.get(key, _NO_CALLS) if key else _NO_CALLS
        if call.trust >= 0:
            trust = call.trust
        told = (kind_of_number, country, trust, trunk, choice, language, names, value, refused)
        line = ""
        sides = []
        for decisions in self._decisions:
            known = decisions.policy.line_of(called).number
            line = line or known
            kind = decisions.kind_of(at_s, known, history, told)
            side = decisions.of_kind(kind) if kind else None
            if side is None:
                tags = tuple([Tag(name) for name in names])
                on_record = (key,) if key and (tags or value) else ()
                caller = Caller(on_record, tags=tags, value=value, language=language, history=history)
                incoming = IncomingCall(raw, called, trunk=trunk, choice=choice)
                situation = decisions.policy.situation(incoming, number, caller, at_s, trust, False)
                side = decisions.decide(situation, kind, refused)
            sides.append(side)
        line = line or called
        if key:
            self._histories[key] = add_call(history, at_s, line, outcome)
        return tuple.__new__(Decided, (sides, key, line))

    def _read(self, call: LoggedCall) -> tuple[Number, int]:
        """The number behind what a trunk wrote, and trust in it; kept for the next calls, as many as callers are."""
        number = number_of(call, self._numbering, self._persons)
        known = number, self._trust_of(IncomingCall(caller_number=call.caller, trunk=call.trunk), number)
        self._numbers[call.caller, call.trunk] = known
        return known


_NO_CALLS = History()
