"""What people do with call-backs: see whom to call first, take one, give it back, open and close one.

As a library, inside a coroutine, with the store of a running daemon::

    async with PORTS.open_shared("redis://127.0.0.1/0", state_dir) as shared:
        for entry in await listed(shared.call_backs, time.time()):
            print(entry.number, entry.name, entry.missed)
        mine = await take(shared.call_backs, "+421255500100", "anna", 900)

where PORTS is `asterisk_router.daemon.main.PORTS`.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..callers.call_back import CallBack, ClosedCallBack, Miss
from ..callers.calling_back import in_order, is_due, standing_s
from ..errors import RouterError
from .moments import to_the_second

if TYPE_CHECKING:
    from ..callers.call_back import CallBackTerms
    from .ports import CallBacks, Shared


async def listed(call_backs: CallBacks, now_s: float, *, queue: str = "", due: bool = False) -> list[CallBack]:
    """Open call-backs, whoever is to be called first at the front; of one queue, or only those due now, when asked."""
    entries = [entry for entry in await call_backs.entries() if queue in ("", entry.queue)]
    return in_order([entry for entry in entries if not due or is_due(entry, now_s)], now_s)


async def take(call_backs: CallBacks, key: str, owner: str, for_s: float) -> CallBack:
    """Take the call-back of a person for so long; taking it again prolongs it.

    Raises RouterError when none is open under that number, or somebody else has it.
    """
    entry = _found(await call_backs.take(key, owner, for_s), key)
    if entry.owner != owner:
        held = f"{_shown(entry.owner)} has it until {to_the_second(entry.owned_until_s)}"
        raise RouterError(held, where=key, remedy="ask them, or wait until then")
    return entry


async def release(call_backs: CallBacks, key: str, owner: str, now_s: float) -> CallBack:
    """Give one back, so that anybody may take it; raises RouterError when none is open, or somebody else has it."""
    entry = _found(await call_backs.release(key, owner), key)
    if entry.is_owned(now_s):
        raise RouterError(f"{_shown(entry.owner)} has it, not {owner}", where=key, remedy="name them by --as")
    return entry


async def close(call_backs: CallBacks, key: str, why: str, by: str) -> CallBack:
    """Settle one without a call; raises RouterError when none is open. A call missed from now on opens another."""
    return _found(await call_backs.close(key, why, by), key)


async def open_one(shared: Shared, key: str, terms: CallBackTerms, *, queue: str, note: str, now_s: float) -> CallBack:
    """Owe somebody a call-back because they asked for it otherwise than by a call; one that is open is joined."""
    caller = await shared.book.show(key)
    miss = Miss(f"by-hand-{uuid.uuid4().hex}", key, now_s, now_s, asked=True)
    entry = CallBack(
        person=caller.numbers[0] if caller.numbers else key,
        numbers=caller.numbers or (key,),
        name=caller.name,
        value=caller.value,
        queue=queue,
        misses=(miss,),
        missed=1,
        expires_at_s=now_s + terms.expire_s,
        note=note,
    )
    return await shared.call_backs.put(entry)


def as_plain(entry: CallBack, now_s: float) -> dict[str, Any]:
    """An open entry for JSON; times are seconds since 1970 UTC, `owner` is empty unless somebody has it at `now_s`."""
    return {
        "number": entry.number,
        "person": entry.person,
        "numbers": list(entry.numbers),
        "name": entry.name,
        "class": entry.caller_class,
        "value": entry.value,
        "queue": entry.queue,
        "line": entry.line,
        "reason": entry.reason,
        "standing_s": round(standing_s(entry, now_s)),
        "missed": entry.missed,
        "since_s": entry.opened_at_s,
        "last_missed_at_s": entry.last_missed_at_s,
        "attempts": entry.attempts,
        "due": is_due(entry, now_s),
        "next_attempt_at_s": entry.next_attempt_at_s,
        "owner": shown_owner(entry, now_s),
        "owned_until_s": entry.owned_until_s if entry.is_owned(now_s) else 0.0,
        "expires_at_s": entry.expires_at_s,
        "note": entry.note,
    }


def closed_as_plain(closed: ClosedCallBack) -> dict[str, Any]:
    """A settled entry for JSON."""
    settled = {"closed_at_s": closed.at_s, "why": closed.why, "by": closed.by}
    return {**settled, **as_plain(closed.entry, closed.at_s)}


def shown_owner(entry: CallBack, now_s: float) -> str:
    """Who has it in hand at `now_s`, as people are told: a dialler without the mark of its attempt; empty: nobody."""
    return _shown(entry.owner) if entry.is_owned(now_s) else ""


def _shown(owner: str) -> str:
    return owner.partition("#")[0]


def _found(entry: CallBack, key: str) -> CallBack:
    if not entry.is_open:
        raise RouterError("no call-back is open", where=key, remedy="see asterisk-router callbacks list")
    return entry
