"""Who was calling, as it could be known then: histories rebuilt from the log itself, call after call."""

from __future__ import annotations

from ..callers.caller import Caller, History, Tag
from ..callers.history import add_call
from ..callers.trust import trust_of
from ..numbering.number import Number
from ..numbering.plan import NumberingPlan
from ..policy.decision import Decision
from ..policy.policy import Policy
from ..wire.incoming_call import IncomingCall
from .past_call import LoggedCall


def number_of(call: LoggedCall, numbering: NumberingPlan, persons: bool) -> Number:
    """Which number called; in a log of persons the person stands for a public number of no country."""
    if not persons:
        return numbering.normalise(call.caller, "", call.trunk)
    return Number("e164", call.caller, "", call.caller) if call.caller else Number("withheld", "")


class ReplayedCallers:
    """The callers of one log; ask about its calls in the order in which they rang.

    What is known of a caller is what the log says of the call (tags, value, language) and the earlier calls of the
    same number in the same log. An earlier call is taken to have ended before the next one rings.
    """

    def __init__(self, numbering: NumberingPlan, persons: bool) -> None:
        self._numbering = numbering
        self._persons = persons
        self._histories: dict[str, History] = {}

    def decide(self, call: LoggedCall, policies: list[Policy]) -> list[Decision]:
        """What each policy decides, by the program that decides live; then the call belongs to the history."""
        number = number_of(call, self._numbering, self._persons)
        key = number.key
        history = self._histories.get(key, _NO_CALLS) if key else _NO_CALLS
        tags = tuple([Tag(name) for name in call.tags])
        on_record = (key,) if key and (tags or call.value) else ()
        caller = Caller(on_record, "", tags, call.value, 0, call.language, "", (), history)
        incoming = IncomingCall(call.caller, call.called, "", call.trunk, "", "", "", call.choice)
        trust = trust_of(incoming, number)
        decisions = [policy.decide(incoming, number, caller, call.at_s, trust, False) for policy in policies]
        if key:
            line = policies[0].line_of(call.called).number or call.called
            self._histories[key] = add_call(history, call.at_s, line, call.outcome)
        return decisions


_NO_CALLS = History()
