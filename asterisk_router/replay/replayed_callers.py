"""Who was calling, as it could be known then: histories rebuilt from the log itself, call after call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..callers.caller import Caller, History, Tag
from ..callers.history import add_call
from ..numbering.number import Number
from ..numbering.plan import NumberingPlan
from ..policy.outcomes import MOST_OUTCOMES
from ..policy.policy import Policy
from ..wire.incoming_call import IncomingCall
from .decisions import Side
from .past_call import LoggedCall

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
        self._policies = [(policy, dict[tuple[int, ...], Side]()) for policy in policies]
        self._histories: dict[str, History] = {}
        self._numbers: dict[tuple[str, str], tuple[Number, int]] = {}
        for policy in policies:
            policy.gatherer.most_stretches = MOST_STRETCHES

    def decide(self, call: LoggedCall) -> Decided:
        """What each policy decides, by the program that decides live; then the call belongs to the history."""
        _, at_s, raw, called, outcome, _, trunk, choice, language, names, value, *_ = call
        number, trust = self._numbers.get((raw, trunk)) or self._read(call)
        key = number.key
        history = self._histories.get(key, _NO_CALLS) if key else _NO_CALLS
        tags = tuple([Tag(name) for name in names]) if names else ()
        on_record = (key,) if key and (tags or value) else ()
        # the same as Caller(...) and IncomingCall(...), in a third of the time
        caller = tuple.__new__(Caller, (on_record, "", tags, value, 0, language, "", (), history))
        incoming = tuple.__new__(IncomingCall, (raw, called, "", trunk, "", "", "", choice, *_NOT_SAID))
        if call.trust >= 0:
            trust = call.trust
        line = ""
        sides = []
        for policy, known in self._policies:
            situation = policy.situation(incoming, number, caller, at_s, trust, False)
            line = line or situation.line.number
            won = policy.walk(situation)
            side = known.get(won)
            if side is None:  # what is compared depends on the rules that won alone
                if len(known) >= MOST_OUTCOMES:
                    known.clear()
                decision = policy.in_full(situation, won)
                side = known[won] = Side(
                    decision.caller_class, decision.branch, decision.head_start_s, decision.queue
                )  # fmt: skip
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

_NOT_SAID = IncomingCall()[8:]
