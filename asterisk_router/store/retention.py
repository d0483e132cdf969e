"""Lets go of what is past its time, in Redis: once a day, by whichever daemon comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..callers.caller import Caller
from ..callers.registered_call import EndedCall, Gap
from ..callers.retention import DAY_S, Keep, left_of
from ..errors import CallBackRecordError, CallerRecordError, CallRecordError, StoreError
from ..wire.call_back_record import decode_closed
from ..wire.call_record import decode, encode
from .call_eraser import CallEraser
from .connection.resp_wire import Command, Reply
from .forgotten import Forgotten
from .redis_book import RedisBook
from .redis_keys import RedisKeys

EVERY_S = 86_000
"""How long another daemon leaves it alone after one has begun: a little less than a day."""


class LetGo(NamedTuple):
    """What one round came to."""

    records: int = 0
    """Records of calls that lost number or facts."""
    callers: int = 0
    """Callers who lost history or tags."""
    call_backs: int = 0
    """Settled call-backs removed."""
    unreadable: tuple[str, ...] = ()
    """Numbers of callers whose record cannot be read, so that it stays as it is."""


class Retention:
    """What keeps no longer than wanted."""

    def __init__(self, book: RedisBook, forgotten: Forgotten, keep: Keep, clock: Callable[[], float]) -> None:
        self._book = book
        self._keys: RedisKeys = book.keys
        self._forgotten = forgotten
        self._pseudonyms = forgotten.pseudonyms
        self._keep = keep
        self._clock = clock

    async def due(self) -> bool:
        """Whether it is for us to do it today; raises StoreError, also where our key is not that of the others."""
        await self._forgotten.check_key()
        return bool(await self._ask(("SET", self._keys.kept, "1", "NX", "EX", EVERY_S)))

    async def let_go(self) -> LetGo:
        """Do it once; raises StoreError, and what was not done is done the next day."""
        keep, now_s = self._keep, self._clock()
        records = callers = call_backs = 0
        unreadable: list[str] = []
        if keep.numbers or keep.facts:
            eraser = CallEraser(self._book.acts, self._keys)
            records = await eraser.rewrite(lambda at_s, payload: self._older(payload, now_s - at_s))
        if keep.history or keep.evidence:
            callers = await self._callers(now_s, unreadable)
        if keep.call_backs:
            call_backs = await self._call_backs(now_s - keep.call_backs * DAY_S)
        return LetGo(records, callers, call_backs, tuple(unreadable))

    def _older(self, payload: bytes, age_s: float) -> bytes:
        """A record of the registry as it is to be at that age."""
        hidden = bool(self._keep.numbers) and age_s > self._keep.numbers * DAY_S
        bare = bool(self._keep.facts) and age_s > self._keep.facts * DAY_S
        if not (hidden or bare):
            return payload
        try:
            record = decode(payload)
        except CallRecordError:
            return payload
        if isinstance(record, Gap):
            return payload
        older = record._replace(number=self._pseudonyms.of(record.number)) if hidden else record
        if isinstance(older, EndedCall):
            older = older._replace(call_back_id=self._pseudonyms.of(older.call_back_id)) if hidden else older
        elif bare:
            older = older._replace(facts="")
        return payload if older == record else encode(older)

    async def _callers(self, now_s: float, unreadable: list[str]) -> int:
        count = 0

        def change(caller: Caller) -> Caller:
            left = left_of(caller, self._keep, now_s)
            return left if left.numbers else caller

        async for caller in self._book.callers(unreadable):
            left = left_of(caller, self._keep, now_s)
            if left == caller:
                continue
            if left.numbers:
                try:
                    await self._book.update(caller.numbers[0], change)
                except CallerRecordError as fault:  # one of their other numbers leads to a record that is damaged
                    unreadable.append(fault.where)
                    continue
            else:
                await self._book.forget(caller.numbers[0])
            count += 1
        return count

    async def _call_backs(self, before_s: float) -> int:
        key, count = self._keys.call_backs_closed, 0
        for record in await self._ask(("LRANGE", key, 0, -1)):
            try:
                over = decode_closed(record).at_s < before_s
            except CallBackRecordError:
                continue
            count += await self._ask(("LREM", key, 1, record)) if over else 0
        return count

    async def _ask(self, command: Command) -> Reply:
        reply = (await self._book.acts.send([command]))[0]
        if isinstance(reply, StoreError):
            raise reply
        return reply
