"""Other numbers a call could come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...callers.caller import Caller
from ...numbering.plan import NumberingPlan
from ..situation import Situation
from .demands import Demand

if TYPE_CHECKING:
    from ..policy import Policy

EXAMPLE = "+12025550100"
"""Stands for any number that is shown, where the call shows none; reserved for fiction."""

_PATTERN_DIGITS = str.maketrans({"X": "0", "Z": "1", "N": "2", ".": "0", "!": ""})

_MALFORMED = "0000000000000000000"
"""No plan reads it as a number."""

_LONGEST = 15
"""Digits of the longest public number (E.164)."""


def with_number(policy: Policy, s: Situation, written: str, presentation: str = "") -> Situation:
    """The call from another number of the same person, with the trust that goes with it."""
    call = s.call._replace(caller_number=written, presentation=presentation)
    number = policy.numbering.normalise(written, presentation, call.trunk)
    caller = s.caller if number.key else Caller.UNKNOWN
    return policy.situation(call, number, caller, s.at_s, policy.trust_of(call, number), s.degraded, s.live)


def written_numbers(plan: NumberingPlan, s: Situation, demands: Sequence[Demand]) -> Iterator[tuple[str, str]]:
    """Numbers as a trunk would write them, each with its presentation."""
    own = s.call.caller_number
    key = s.number.key if s.number.kind == "e164" else EXAMPLE
    yield own, ""
    for demand in demands:
        if demand.use.fact.name == "prefix":
            beginning = str(demand.use.argument)
            written = beginning if beginning.startswith("+") else f"+{beginning}"
            tail = key[len(written) :] or "0000"
            yield (written + tail)[: _LONGEST + 1], ""
    if any(demand.use.fact.name == "share" for demand in demands):
        yield from ((f"{key[:-3]}{end:03}", "") for end in range(1000))
    yield EXAMPLE, ""
    yield own or EXAMPLE, "prohib"
    yield _MALFORMED, ""
    for pattern in (*plan.internal, *plan.short, *plan.emergency):
        yield pattern.removeprefix("_").translate(_PATTERN_DIGITS), ""
    yield "112", ""
    for country_number in ("+442079460123", "+421255501001", "+493023125000"):
        yield country_number, ""
