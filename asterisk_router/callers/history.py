"""What a caller's past calls say: adding one to the digest, and the counts a policy asks for.

Counts look at the latest `HISTORY_RECENT` calls only; whoever called more often within a window counts as
having called that many times, which no policy tells apart from more.
"""

from __future__ import annotations

from .caller import HISTORY_RECENT, CallOutcome, History, PastCall


def add_call(history: History, at_s: int, line: str, outcome: CallOutcome = "unknown") -> History:
    """The history with one more call, which rang at `at_s` (seconds since 1970 UTC) on `line`."""
    call = PastCall(at_s, outcome, line)
    recent = history.recent + (call,)
    if at_s < history.last_at_s:  # noted late, after a later call
        recent = tuple(sorted(recent, key=_rang_at))
    return history._replace(
        calls=history.calls + 1,
        first_at_s=min(history.first_at_s or at_s, at_s),
        last_at_s=max(history.last_at_s, at_s),
        recent=recent[-HISTORY_RECENT:],
    )


def set_outcome(history: History, at_s: int, outcome: CallOutcome, agent: str = "") -> History:
    """The history with the end of the call of `at_s` filled in; `agent` is who spoke, empty for nobody."""
    recent = tuple(call._replace(outcome=outcome) if call.at_s == at_s else call for call in history.recent)
    return history._replace(recent=recent, last_agent=agent or history.last_agent)


def merge(one: History, other: History) -> History:
    """The history of a person whose two numbers were so far taken for two people."""
    if not one.calls or not other.calls:
        return one if one.calls else other
    later = max(one, other, key=lambda history: history.last_at_s)
    recent = sorted(one.recent + other.recent, key=_rang_at)
    return History(
        calls=one.calls + other.calls,
        first_at_s=min(one.first_at_s, other.first_at_s),
        last_at_s=later.last_at_s,
        last_agent=later.last_agent or one.last_agent or other.last_agent,
        recent=tuple(recent[-HISTORY_RECENT:]),
    )


def calls_since(history: History, since_s: int) -> int:
    """How many calls rang at `since_s` or later."""
    return sum(1 for call in history.recent if call.at_s >= since_s)


def answered_since(history: History, since_s: int) -> int:
    """How many of the calls since `since_s` were answered."""
    return sum(1 for call in history.recent if call.at_s >= since_s and call.outcome == "answered")


def missed_since(history: History, since_s: int) -> int:
    """How many of the calls since `since_s` were missed."""
    return sum(1 for call in history.recent if call.at_s >= since_s and call.outcome == "missed")


def missed_since_answer(history: History) -> int:
    """How many calls were missed since the last answered one: the caller who tries again and again."""
    missed = 0
    for call in reversed(history.recent):
        if call.outcome == "answered":
            break
        missed += call.outcome == "missed"
    return missed


def _rang_at(call: PastCall) -> int:
    return call.at_s
