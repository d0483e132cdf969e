"""The caller's card: all an agent needs to know of who is calling, as one JSON document for their screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...callers.call_back import CallBack
from ...callers.history import missed_since_answer
from ...callers.tags import is_expired
from ..call_backs import shown_owner
from .tagging import tags_of

if TYPE_CHECKING:
    from ...callers.caller_book import CallerBook
    from ..ports import CallBacks


async def card(book: CallerBook, call_backs: CallBacks, key: str, now_s: int) -> dict[str, Any]:
    """The card of the caller behind a canonical number at `now_s`; of somebody never seen, one that says so.

    Tags that have expired are left out; those of a prefix or a range say so in `on`. Times are seconds since 1970 UTC.
    Raises StoreUnavailableError, CallerRecordError.
    """
    caller = await book.show(key)
    numbers = caller.numbers or (key,)
    owed = next((entry for entry in await call_backs.entries() if set(entry.numbers) & set(numbers)), CallBack.CLOSED)
    history = caller.history
    return {
        "number": key,
        "known": bool(caller.numbers),
        "numbers": list(numbers),
        "name": caller.name,
        "value": caller.value,
        "orders": caller.orders,
        "language": caller.language,
        "own_agent": caller.own_agent,
        "open_matters": list(caller.open_matters),
        "tags": [
            {"on": str(placed.target), **placed.tag._asdict()}
            for placed in await tags_of(book, key)
            if not is_expired(placed.tag, now_s)
        ],
        "history": {
            "calls": history.calls,
            "first_at_s": history.first_at_s,
            "last_at_s": history.last_at_s,
            "last_agent": history.last_agent,
            "missed_since_answer": missed_since_answer(history),
            "recent": [past._asdict() for past in reversed(history.recent)],
        },
        "call_back": _owed(owed, now_s) if owed.is_open else None,
    }


def _owed(entry: CallBack, now_s: float) -> dict[str, Any]:
    """An open call-back as far as an agent needs it."""
    return {
        "reason": entry.reason,
        "missed": entry.missed,
        "since_s": entry.opened_at_s,
        "last_missed_at_s": entry.last_missed_at_s,
        "attempts": entry.attempts,
        "owner": shown_owner(entry, now_s),
        "note": entry.note,
    }
