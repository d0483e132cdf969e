"""Who is called back first, who has a call-back in hand, and when it is tried again or given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from .call_back import TRIED_KEPT, CallBack, CallBackTerms
from .registered_call import EndedCall

AGENT_AWAY_PAUSE_S: Final = 10
"""Seconds before the next attempt after one in which no agent was reached: the caller was not disturbed by it."""


def standing_s(entry: CallBack, now_s: float) -> float:
    """Seconds the person stands ahead of somebody who rings now without a head start.

    Their class's head start; who asked for the call-back has waited all the time besides, and so keeps the rank they
    had in the queue. Somebody merely missed stands as if they rang again now: callers on the line have waited, too.
    """
    return entry.head_start_s + (max(0.0, now_s - entry.waits_since_s) if entry.reason == "asked" else 0.0)


def waits_since_s(entry: CallBack, now_s: float) -> float:
    """Since when the person waits in the eyes of the queue that their call-back goes through; as `standing_s`."""
    return entry.waits_since_s if entry.reason == "asked" else now_s


def in_order(entries: Iterable[CallBack], now_s: float) -> list[CallBack]:
    """Entries, whoever is called first at the front: the higher standing, then the greater value, then the older."""
    return sorted(entries, key=lambda entry: (-standing_s(entry, now_s), -entry.value, entry.opened_at_s, entry.person))


def is_due(entry: CallBack, now_s: float) -> bool:
    """Whether anybody may call the person now: nobody has it in hand, the pause is over, it has not expired."""
    return entry.is_open and not entry.is_owned(now_s) and entry.next_attempt_at_s <= now_s < entry.expires_at_s


def is_over(entry: CallBack, now_s: float, terms: CallBackTerms) -> bool:
    """Whether it is to be given up: expired, or tried as often as may be and nobody has it in hand."""
    return now_s >= entry.expires_at_s or (entry.attempts >= terms.attempts and not entry.is_owned(now_s))


def next_to_dial(
    entries: Iterable[CallBack], now_s: float, terms: CallBackTerms, has_agent: Callable[[CallBack], bool]
) -> CallBack:
    """The entry to dial now, or CLOSED: the first in order that is due and has an agent, as `has_agent` finds."""
    ready = [entry for entry in entries if is_due(entry, now_s) and not is_over(entry, now_s, terms)]
    return next((entry for entry in in_order(ready, now_s) if has_agent(entry)), CallBack.CLOSED)


def taken(entry: CallBack, owner: str, now_s: float, for_s: float) -> CallBack:
    """The entry in the hands of `owner` for so long; as it was when somebody else has it. Taking again prolongs it."""
    if not entry.is_open or (entry.is_owned(now_s) and entry.owner != owner):
        return entry
    return entry._replace(owner=owner, owned_until_s=now_s + for_s)


def dialled(entry: CallBack, owner: str, now_s: float, for_s: float, terms: CallBackTerms) -> CallBack:
    """The entry taken by a dialler; as it was when it is not due.

    The attempt counts from here on, so that a dialler that dies over it has tried, and nobody is called for ever.
    """
    if not is_due(entry, now_s) or is_over(entry, now_s, terms):
        return entry
    return taken(entry, owner, now_s, for_s)._replace(
        attempts=entry.attempts + 1, next_attempt_at_s=now_s + terms.pause_s
    )


def tried(entry: CallBack, ended: EndedCall, terms: CallBackTerms) -> CallBack:
    """The entry after a call in vain: free again for later, or CLOSED after the last attempt.

    An attempt of the dialler counts already; no longer one in which the person was not rung, because no agent was
    reached, or the dialplan has no way to the number. The same call told twice changes nothing more, and neither does
    one of an earlier matter.
    """
    if not entry.is_open or ended.uniqueid in entry.tried or ended.ended_at_s < entry.opened_at_s:
        return entry
    entry = entry._replace(tried=(*entry.tried, ended.uniqueid)[-TRIED_KEPT:])
    if ended.call_back_id and ended.how in ("nobody-there", "no-way-out"):
        pause_s = AGENT_AWAY_PAUSE_S if ended.how == "nobody-there" else terms.pause_s
        return undone(entry, entry.owner, ended.ended_at_s, pause_s)
    attempts = entry.attempts if ended.call_back_id else entry.attempts + 1
    if attempts >= terms.attempts:
        return CallBack.CLOSED
    next_s = max(entry.next_attempt_at_s, ended.ended_at_s + terms.pause_s)
    return released(entry, entry.owner)._replace(attempts=attempts, next_attempt_at_s=next_s)


def undone(entry: CallBack, owner: str, now_s: float, pause_s: float) -> CallBack:
    """The entry after an attempt of `owner` in which the person was not rung: it does not count."""
    if entry.owner != owner:
        return entry
    attempts = max(0, entry.attempts - 1)
    return released(entry, owner)._replace(attempts=attempts, next_attempt_at_s=now_s + pause_s)


def released(entry: CallBack, owner: str) -> CallBack:
    """The entry in nobody's hands, if it was in those of `owner`."""
    return entry._replace(owner="", owned_until_s=0.0) if entry.owner == owner else entry
