"""What a caller's past calls say: adding one to the digest, and the counts a policy asks for.

Counts look at the latest `HISTORY_RECENT` calls only; whoever called more often within a window counts as
having called that many times, which no policy tells apart from more.
"""

from __future__ import annotations

from .caller import HISTORY_RECENT, CallOutcome, History, PastCall
from .registered_call import BeganCall, EndedCall

CLOCKS_APART_S = 2
"""How far the beginning of a call may seem to move when the PBX tells it and no longer the router that saw it."""


def add_call(history: History, at_s: int, line: str, outcome: CallOutcome = "unknown") -> History:
    """The history with one more call, which rang at `at_s` (seconds since 1970 UTC) on `line`; unless it is there."""
    call: PastCall = tuple.__new__(PastCall, (at_s, outcome, line))  # the same as PastCall(...), in a third of the time
    calls, first_at_s, last_at_s, last_agent, recent = history
    if at_s > last_at_s:
        recent = recent[1 - HISTORY_RECENT :] + (call,)
        return tuple.__new__(History, (calls + 1, first_at_s or at_s, at_s, last_agent, recent))
    if any(past.at_s == at_s and past.line == line for past in history.recent):
        return history
    recent = tuple(sorted((*history.recent, call), key=_rang_at))  # noted late, after a later call
    return history._replace(
        calls=history.calls + 1,
        first_at_s=min(history.first_at_s or at_s, at_s),
        recent=recent[-HISTORY_RECENT:],
    )


def note(history: History, call: BeganCall | EndedCall) -> History:
    """The history after the beginning or the end of one of the person's calls; noted twice, it changes nothing more.

    A call of the house to the person is none of their calls, and only says which agent spoke with them.
    """
    if isinstance(call, BeganCall):
        return add_call(history, int(call.at_s), call.line)
    if call.direction == "in":
        history = set_outcome(history, int(call.began_at_s), call.line, call.outcome)
    later = any(past.outcome == "answered" and past.at_s > call.began_at_s for past in history.recent)
    return history._replace(last_agent=call.agent) if call.agent and not later else history


def set_outcome(history: History, at_s: int, line: str, outcome: CallOutcome) -> History:
    """The history with the end of the call of `at_s` on `line` filled in; one whose beginning was lost is added.

    That nobody knows how it ended changes nothing of what is known.
    """
    place = _place(history.recent, at_s, line, outcome)
    if place < 0:
        forgotten = len(history.recent) == HISTORY_RECENT and at_s < history.recent[0].at_s
        return history if forgotten else add_call(history, at_s, line, outcome)
    if outcome == "unknown":
        return history
    call = history.recent[place]._replace(outcome=outcome)
    return history._replace(recent=(*history.recent[:place], call, *history.recent[place + 1 :]))


def _place(recent: tuple[PastCall, ...], at_s: int, line: str, outcome: CallOutcome) -> int:
    """Where the call of `at_s` is; else the nearest one that lacks an end, or was given this very end; -1 for none."""
    best, place = CLOCKS_APART_S + 1, -1
    for at, call in enumerate(recent):
        apart_s = abs(call.at_s - at_s)
        if call.line == line and (not apart_s or apart_s < best and call.outcome in ("unknown", outcome)):
            best, place = apart_s, at
    return place


def before(history: History, at_s: float) -> History:
    """The history as it was before a call that rang at `at_s` (seconds since 1970 UTC), as far as that is known.

    How earlier calls ended is as known now. Who last spoke with the caller is not known if somebody may have since.
    """
    kept = tuple(past for past in history.recent if past.at_s < int(at_s))
    later = history.recent[len(kept) :]
    if not later:
        return history
    calls = history.calls - len(later)
    if not calls:
        return History()
    agent = history.last_agent if all(past.outcome == "missed" for past in later) else ""
    return History(calls, history.first_at_s, kept[-1].at_s if kept else 0, agent, kept)


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
