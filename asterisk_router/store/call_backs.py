"""The call-backs of the house in Redis, and until when each number needs none any more.

Beside the open entries each number keeps, for as long as a call-back can live, the moment it was last spoken with (or
its call-back given up): so news of an older missed call, told late or twice, opens nothing.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from ..callers import calling_back
from ..callers.call_back import (
    CallBack,
    CallBackTerms,
    ClosedCallBack,
    joined,
    numbers_of,
    owed,
    spoke_at_s,
    spoken,
    united,
)
from ..callers.caller import Caller
from ..callers.registered_call import EndedCall
from ..errors import CallBackRecordError
from ..numbering.number import masked
from ..once_a_minute import OnceAMinute
from ..wire.call_back_record import decode, decode_closed, encode_closed
from .call_back_writer import CallBackWriter, Change, Changed
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

CLOSED_KEPT = 1000
"""How many settled call-backs are remembered."""

READ_AT_ONCE = 50
"""How many entries are read before calls have their turn."""

LATEST = b"""if (tonumber(redis.call('GET', KEYS[1])) or 0) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
return 1"""
"""Keeps the later of two moments under a key, for so many seconds."""


class CallBackBook:
    """Every open call-back; several daemons and tools may change them at once."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, *, clock: Callable[[], float] = time.time) -> None:
        self.unreadable = 0
        """Entries nobody here can read, when all were last listed; they are left as they are."""
        self._keys = keys
        self._writer = CallBackWriter(connection, keys)
        self._clock = clock
        self._seldom = OnceAMinute(LOG)
        self._known: dict[bytes, tuple[bytes, CallBack]] = {}

    async def missed(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """Owe the caller of a missed call a call-back, unless they have been spoken with since; what is open now.

        The same call told again changes nothing. CLOSED without a number to call, or when it rang too long ago.
        """
        news = owed(ended, caller, terms)
        if not news.is_open or news.expires_at_s <= self._clock():
            return CallBack.CLOSED
        at_s = await self.spoke_at_s(news.numbers)
        while True:
            entry = await self._owe(news, at_s)
            later_s = await self.spoke_at_s(news.numbers)
            if later_s <= at_s:
                return entry
            at_s = later_s  # they were spoken with while the entry was written

    async def contacted(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """Close what is owed to whoever was spoken with, for the calls that rang before; what is open still."""
        numbers, at_s = numbers_of(ended, caller), spoke_at_s(ended)
        keep = self._keep(numbers, at_s, terms.expire_s)
        changed = await self._writer.change(numbers, lambda entry: spoken(entry, at_s), keep)
        await self._note(changed, "called back" if ended.direction == "out" else "they called", ended.agent)
        return changed.after

    async def tried(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """Note that the person was called in vain: the next attempt comes later, or the entry is given up."""
        numbers = numbers_of(ended, caller)
        return (await self._give_up(numbers, lambda entry: calling_back.tried(entry, ended, terms), "no answer")).after

    async def entries(self) -> list[CallBack]:
        """Every open call-back, in no order; entries of one person as one. Unreadable ones are counted, not shown.

        Whose other entry cannot be read cannot be changed either, and counts with it: nobody could be dialled before.
        """
        fields = (await self._writer.send([("HGETALL", self._keys.call_backs)]))[0]
        found: dict[bytes, tuple[bytes, CallBack]] = {}
        damaged: list[CallBackRecordError] = []
        for at, (person, record) in enumerate(zip(fields[::2], fields[1::2], strict=True), 1):
            if at % READ_AT_ONCE == 0:
                await asyncio.sleep(0)  # for calls
            known = self._known.get(person)
            found[person] = known if known and known[0] == record else (record, _decoded(record, person, damaged))
        if damaged:
            self._seldom.warning(
                "call-back of %s: %s", masked(damaged[0].where), damaged[0].problem, times=len(damaged)
            )
        self._known = found
        barred = {person.decode(errors="replace") for person, (_, entry) in found.items() if not entry.is_open}
        opened = [entry for _, entry in found.values() if entry.is_open and barred.isdisjoint(entry.numbers)]
        self.unreadable = len(found) - len(opened)
        return united(opened)

    async def take(self, number: str, owner: str, for_s: float) -> CallBack:
        """Give the call-back of a person to `owner` for so long; whoever is its owner now is in what is returned.

        CLOSED when none is open under any number of theirs.
        """
        now_s = self._clock()
        return await self._hand(number, lambda entry: calling_back.taken(entry, owner, now_s, for_s))

    async def release(self, number: str, owner: str) -> CallBack:
        """Put it back into nobody's hands, if it is in those of `owner`; what is open now."""
        return await self._hand(number, lambda entry: calling_back.released(entry, owner))

    async def dial(self, number: str, owner: str, for_s: float, terms: CallBackTerms) -> CallBack:
        """Take it for one attempt, counted from here on, if it is due; CLOSED when it is not `owner` who got it.

        `owner` names this attempt and no other, so that not even the same dialler makes it twice.
        """
        now_s = self._clock()
        entry = await self._hand(number, lambda it: calling_back.dialled(it, owner, now_s, for_s, terms))
        return entry if entry.owner == owner else CallBack.CLOSED

    async def undo(self, number: str, owner: str, pause_s: float) -> CallBack:
        """Take back an attempt of `owner` in which the person was not rung, the next `pause_s` later; what is open."""
        now_s = self._clock()
        return await self._hand(number, lambda entry: calling_back.undone(entry, owner, now_s, pause_s))

    async def close(self, number: str, why: str, by: str) -> CallBack:
        """Close the call-back of a person for the calls known by now, and return it; CLOSED when none was open.

        One that cannot be read is removed by the number it lies under.
        """
        numbers = await self._numbers_with(number)
        try:
            return (await self._give_up(numbers, lambda entry: CallBack.CLOSED, why, by)).before
        except CallBackRecordError:
            await self._writer.send([("HDEL", self._keys.call_backs, number)])
            return CallBack.CLOSED

    async def expire(self, terms: CallBackTerms) -> list[CallBack]:
        """Give up those whose time is over or whose attempts are used; which they were."""
        now_s = self._clock()

        def change(entry: CallBack) -> CallBack:
            over = entry.is_open and calling_back.is_over(entry, now_s, terms)
            return CallBack.CLOSED if over else entry

        over = [entry for entry in await self.entries() if not change(entry).is_open]
        changed = [
            await self._give_up(entry.numbers, change, "expired" if entry.expires_at_s <= now_s else "no answer")
            for entry in over
        ]
        return [before for before, after in changed if before.is_open and not after.is_open]

    async def closed(self, count: int) -> list[ClosedCallBack]:
        """The latest settled ones, newest first; what this release cannot read is left out."""
        records = (await self._writer.send([("LRANGE", self._keys.call_backs_closed, 0, count - 1)]))[0]
        settled = []
        for record in records:
            with suppress(CallBackRecordError):
                settled.append(decode_closed(record))
        return settled

    async def put(self, entry: CallBack) -> CallBack:
        """Open an entry that a person made, or join it to the one that is open; what is open now.

        What only a call can tell stays as the last one told it.
        """

        def change(known: CallBack) -> CallBack:
            if not known.is_open:
                return entry
            return joined(
                known,
                entry._replace(caller_class=known.caller_class, head_start_s=known.head_start_s, line=known.line),
            )

        return (await self._writer.change(entry.numbers, change)).after

    async def erase(self, numbers: Iterable[str]) -> int:
        """Remove all that is kept of a person, readable or not; how many call-backs, open and settled, that were.

        A missed call that a daemon has still to register opens another one.
        """
        known = {*numbers}
        for entry in await self.entries():
            if known & {*entry.numbers}:
                known |= {*entry.numbers}
        settled_key = self._keys.call_backs_closed
        settled = [
            record
            for record in (await self._writer.send([("LRANGE", settled_key, 0, -1)]))[0]
            if known & {*_numbers_in(record)}
        ]
        spoke = [("DEL", self._keys.spoke(number)) for number in known]
        removed = await self._writer.send(
            [*spoke, ("HDEL", self._keys.call_backs, *known), *(("LREM", settled_key, 1, each) for each in settled)]
        )
        return sum(removed[len(spoke) :])

    async def _owe(self, news: CallBack, spoke_at_s: float) -> CallBack:
        return (await self._writer.change(news.numbers, lambda known: spoken(joined(known, news), spoke_at_s))).after

    async def _hand(self, number: str, change: Change) -> CallBack:
        return (await self._writer.change(await self._numbers_with(number), change)).after

    async def _give_up(self, numbers: Iterable[str], change: Change, why: str, by: str = "") -> Changed:
        """Make a change that may close the entry, after which the same calls told again must not open it."""
        changed = await self._writer.change(numbers, change)
        before, after = changed
        if before.is_open and not after.is_open:
            for_s = before.expires_at_s - self._clock()
            await self._writer.send(self._keep(before.numbers, before.last_missed_at_s, for_s))
        await self._note(changed, why, by)
        return changed

    async def _note(self, changed: Changed, why: str, by: str) -> None:
        """Remember an entry that a change has closed."""
        if changed.before.is_open and not changed.after.is_open:
            record = encode_closed(ClosedCallBack(changed.before, self._clock(), why, by))
            key = self._keys.call_backs_closed
            await self._writer.send([("LPUSH", key, record), ("LTRIM", key, 0, CLOSED_KEPT - 1)])

    async def _numbers_with(self, number: str) -> tuple[str, ...]:
        """All numbers of the person who has an entry and this number; the number alone when nobody has."""
        return next((entry.numbers for entry in await self.entries() if number in entry.numbers), (number,))

    async def spoke_at_s(self, numbers: tuple[str, ...]) -> float:
        """When any of these numbers was last spoken with, as far as it is kept; 0 for never."""
        replies = await self._writer.send([("GET", self._keys.spoke(number)) for number in numbers])
        return max(float(reply or 0) for reply in replies)

    def _keep(self, numbers: Iterable[str], at_s: float, for_s: float) -> list[Command]:
        """The commands that keep that calls of these numbers which rang by `at_s` are owed nothing any more."""
        kept = (repr(at_s), max(1, math.ceil(for_s)))
        return [("EVAL", LATEST, 1, self._keys.spoke(number), *kept) for number in numbers]


def _decoded(record: bytes, person: bytes, damaged: list[CallBackRecordError]) -> CallBack:
    """A call-back as it is kept; CLOSED for one that cannot be read, which is added to those `damaged`."""
    try:
        return decode(record, person.decode(errors="replace"))
    except CallBackRecordError as fault:
        damaged.append(fault)
        return CallBack.CLOSED


def _numbers_in(record: bytes) -> tuple[str, ...]:
    """The numbers of a settled call-back; none when it cannot be read."""
    try:
        return decode_closed(record).entry.numbers
    except CallBackRecordError:
        return ()
