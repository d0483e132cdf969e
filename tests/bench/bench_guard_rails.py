"""`python -m tests.bench.bench_guard_rails`: what the guard rails add to a decision, caller by caller.

Callers of the shipped shop: the look of the rails alone, and the whole decision with it, in the same rounds. Where a
rule is set aside, the look includes finding the next one.
"""

from __future__ import annotations

from typing import Any

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.trust import E2
from asterisk_router.policy.load import load
from asterisk_router.policy.policy_tests import approved_tag
from asterisk_router.policy.situation import NO_DECOY, DecoySwitch
from asterisk_router.wire.incoming_call import IncomingCall

from .bench_policy import best_of_each

AT_S = 1_772_442_000.0
NUMBER = "+421255501234"
ON = DecoySwitch("", "somebody")
RIVAL = Caller((NUMBER,), tags=(approved_tag("competitor", AT_S),))

CALLERS = {
    "nobody is sold to (incident)": (Caller((NUMBER,), open_matters=("incident",)), NO_DECOY),
    "sold to, nothing known": (Caller((NUMBER,)), NO_DECOY),
    "sold to, a customer": (Caller((NUMBER,), tags=(Tag("customer"),), orders=3), NO_DECOY),
    "approved competitor, decoy on": (RIVAL, ON),
    "approved competitor, decoy off": (RIVAL, NO_DECOY),
}
"""Who calls, and whether the decoy is on."""

TURNS = 300
"""Decisions a round."""


def run() -> list[dict[str, Any]]:
    """One row a caller."""
    policy = load("shop")
    call = IncomingCall(caller_number=NUMBER, called_number="+42120550000")
    number = policy.numbering.normalise(NUMBER)
    rows = []
    for name, (caller, decoy) in CALLERS.items():
        s = policy.situation(call, number, caller, AT_S, E2, False, decoy=decoy)
        won = policy.program.walk(policy.gatherer.buckets(s), policy.gatherer.labels(s))

        def rails(s: Any = s, won: Any = won) -> None:
            for _ in range(TURNS):
                policy.guard_rails.held(won, s)

        def whole(s: Any = s) -> None:
            for _ in range(TURNS):
                policy.decide_as_it_stands(s)

        took = best_of_each({"rails": rails, "whole": whole}, TURNS)
        rails_us, whole_us = (f"{took[each] / 1000:.2f}" for each in ("rails", "whole"))
        rows.append({"caller": name, "the rails, us": rails_us, "the decision with them, us": whole_us})
    return rows


if __name__ == "__main__":
    for row in run():
        print(*row.values(), sep="\t")
