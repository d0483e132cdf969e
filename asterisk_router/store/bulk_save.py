"""Imports: many callers written fast, in bites small enough that no call waits.

New callers, nearly all of an import, cost one `SET NX` each. Only those the store knows already are read and
enriched, and only where that changes anything compared-and-set. While one bite travels the next is made; between
bites the event loop is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from itertools import islice

from ..callers.caller import Caller
from ..callers.joining import enrich
from ..errors import StoreError
from ..wire.caller_record import decode, encode, encode_each
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .person_writer import PersonWriter, compare_and_set
from .redis_keys import RedisKeys

BITE = 500
"""Callers in one bite: about a millisecond of work here; the server answers calls in between, every 16 KB it reads."""


class BulkSave:
    """Writes the callers of one import."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, writer: PersonWriter) -> None:
        self._connection = connection
        self._keys = keys
        self._writer = writer

    async def save(self, callers: Iterable[Caller]) -> int:
        """Store all, known ones enriched; returns how many.

        Raises StoreError with part of them stored; a record among them that cannot be read is a CallerRecordError,
        and nothing is written over it.
        """
        source = iter(callers)
        saved = 0
        bite = list(islice(source, BITE))
        while bite:
            singles = [caller for caller in bite if len(caller.numbers) == 1]
            keys = [self._keys.caller(caller.numbers[0]) for caller in singles]
            replies = self._connection.set_new(keys, encode_each(singles))
            try:
                await asyncio.sleep(0)  # the loop sends this bite now, and the server works while the next is made
                following = list(islice(source, BITE))
                known = _not_new(singles, await replies)
            finally:
                replies.cancel()  # nobody asks for them any more when the import is broken off in between
            if known:
                await self._enrich(known)
            for caller in bite:
                if len(caller.numbers) > 1:
                    await self._enrich_one(caller)
            saved += len(bite)
            bite = following
        return saved

    async def _enrich(self, callers: list[Caller]) -> None:
        """Enrich callers on record, all in one bite; only those who changed meanwhile go one by one."""
        keys = [self._keys.caller(caller.numbers[0]) for caller in callers]
        records = await self._connection.send([("GET", key) for key in keys])
        changes: list[Command] = []
        changed: list[Caller] = []
        for caller, key, record in zip(callers, keys, records, strict=True):
            old = decode(record, caller.numbers[0]) if type(record) is bytes else Caller.UNKNOWN
            if old.numbers != caller.numbers:  # gone meanwhile, or one of several numbers of a person
                await self._enrich_one(caller)
                continue
            new = enrich(old, caller)
            if new != old:
                changed.append(caller)
                changes.append(compare_and_set(key, record, encode(new)))
        for caller, reply in zip(changed, await self._connection.send(changes), strict=True):
            if reply != 1:
                await self._enrich_one(caller)

    async def _enrich_one(self, caller: Caller) -> None:
        await self._writer.change(caller.numbers[0], partial(_enriched_by, caller))


def _not_new(callers: list[Caller], replies: list[Reply]) -> list[Caller]:
    """The callers that `SET NX` left alone."""
    known = []
    for caller, reply in zip(callers, replies, strict=True):
        if reply is None:
            known.append(caller)
        elif isinstance(reply, StoreError):
            raise reply
    return known


def _enriched_by(imported: Caller, known: Caller) -> Caller:
    return enrich(known, imported)
