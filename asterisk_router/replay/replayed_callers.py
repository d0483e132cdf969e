"""Who was calling, as it could be known then: histories rebuilt from the log itself, call after call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..callers.caller import Caller, History, Tag
from ..callers.history import add_call
from ..callers.trust import trust_of
from ..numbering.number import Number
from ..numbering.plan import NumberingPlan
from ..policy.policy import MOST_OUTCOMES, Policy
from ..wire.incoming_call import IncomingCall
from .decisions import Side
from .past_call import LoggedCall

MOST_MINUTES = 600_000
"""Minutes of which a policy remembers what its clock facts say: more than a year has, some 60 MB when all are met."""


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
    same number in the same log. An earlier call is taken to have ended before the next one rings.
    """

    def __init__(self, policies: Sequence[Policy], persons: bool) -> None:
        """Numbers are read by the plan of the first policy, for all of them."""
        self._numbering = policies[0].numbering
        self._persons = persons
        self._policies = [(policy, dict[tuple[int, ...], Side]()) for policy in policies]
        self._histories: dict[str, History] = {}
        for policy in policies:
            policy.gatherer.most_minutes = MOST_MINUTES

    def decide(self, call: LoggedCall) -> Decided:
        """What each policy decides, by the program that decides live; then the call belongs to the history."""
        number = number_of(call, self._numbering, self._persons)
        key = number.key
        history = self._histories.get(key, _NO_CALLS) if key else _NO_CALLS
        tags = tuple([Tag(name) for name in call.tags])
        on_record = (key,) if key and (tags or call.value) else ()
        # the same as Caller(...) and IncomingCall(...), in a third of the time
        caller = tuple.__new__(Caller, (on_record, "", tags, call.value, 0, call.language, "", (), history))
        said = (call.caller, call.called, "", call.trunk, "", "", "", call.choice, *_NOT_SAID)
        incoming = tuple.__new__(IncomingCall, said)
        trust = trust_of(incoming, number) if call.trust < 0 else call.trust
        line = ""
        sides = []
        for policy, known in self._policies:
            situation = policy.situation(incoming, number, caller, call.at_s, trust, False)
            line = line or situation.line.number
            won = policy.walk(situation)
            side = known.get(won)
            if side is None:  # what is compared depends on the rules that won alone
                if len(known) >= MOST_OUTCOMES:
                    known.clear()
                decision = policy.decide(incoming, number, caller, call.at_s, trust, False)
                side = known[won] = Side(decision.caller_class, decision.branch, decision.head_start_s)
            sides.append(side)
        line = line or call.called
        if key:
            self._histories[key] = add_call(history, call.at_s, line, call.outcome)
        return tuple.__new__(Decided, (sides, key, line))


_NO_CALLS = History()

_NOT_SAID = IncomingCall()[8:]
