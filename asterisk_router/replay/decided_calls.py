"""Calls of queues, each with what policies decide of it; a call of two queues is decided once, at its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .replayed_callers import ReplayedCallers

if TYPE_CHECKING:
    from ..policy.policy import Policy
    from .decisions import Side
    from .past_call import LoggedCall


def decided_calls(
    calls: Iterable[LoggedCall], policies: Sequence[Policy], persons: bool
) -> Iterator[tuple[LoggedCall, Sequence[Side]]]:
    """The calls in the order in which they rang, with a decision by each policy, in their order."""
    callers = ReplayedCallers(policies, persons)
    decided: dict[tuple[str, str], Sequence[Side]] = {}
    for call in sorted(calls, key=lambda each: (each.at_s, each.line)):
        if not call.call_id:
            yield call, callers.decide(call).sides
            continue
        key = (call.call_id, call.caller)
        if key not in decided:
            decided[key] = callers.decide(call).sides
        yield call, decided[key]
