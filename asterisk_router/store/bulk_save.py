"""Imports: many callers written fast, in bites small enough that no call waits.

New callers, nearly all of an import, cost one `SET NX` each. Only those the store knows already are read,
enriched and compared-and-set. While one bite travels the next is made; between bites the event loop is free.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from ..callers.caller import Caller
from ..callers.joining import enrich
from ..errors import CallerRecordError, StoreError
from ..wire.caller_record import decode, encode
from .person_writer import PersonWriter, compare_and_set
from .redis_keys import RedisKeys
from .resp_connection import StoreConnection
from .resp_wire import Command, Reply

BITE = 200
"""Callers in one bite: about a millisecond of work here, and less in the server."""


class BulkSave:
    """Writes the callers of one import."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, writer: PersonWriter) -> None:
        self._connection = connection
        self._keys = keys
        self._writer = writer

    async def save(self, callers: Iterable[Caller]) -> int:
        """Store all, known ones enriched; how many. Raises StoreUnavailableError with part of them stored."""
        source = iter(callers)
        saved = 0
        bite = list(islice(source, BITE))
        while bite:
            replies = self._connection.send(self._set_new(bite))
            following = list(islice(source, BITE))
            await self._enrich_known(bite, await replies)
            saved += len(bite)
            bite = following
        return saved

    def _set_new(self, bite: list[Caller]) -> list[Command]:
        key = self._keys.caller
        return [("SET", key(caller.numbers[0]), encode(caller), "NX") for caller in bite]

    async def _enrich_known(self, bite: list[Caller], replies: list[Reply]) -> None:
        """What is left of a bite after the new ones: callers on record already, and those with more numbers."""
        known = []
        for caller, reply in zip(bite, replies, strict=True):
            if isinstance(reply, StoreError):
                raise reply
            if len(caller.numbers) > 1:
                await self._writer.change(caller.numbers[0], lambda old, new=caller: enrich(old, new))  # type: ignore[misc]
            elif reply is None:
                known.append(caller)
        if not known:
            return
        keys = [self._keys.caller(caller.numbers[0]) for caller in known]
        records = await self._connection.send([("GET", key) for key in keys])
        # changed in a bite like the new ones; only who cannot be read or was changed meanwhile goes one by one
        changes: list[Command] = []
        changed: list[Caller] = []
        for caller, key, record in zip(known, keys, records, strict=True):
            new = self._enriched(record, caller)
            if new != record:
                changed.append(caller)
                changes.append(compare_and_set(key, record, new) if new else ("ECHO", b""))
        if changes:
            for caller, reply in zip(changed, await self._connection.send(changes), strict=True):
                if reply != 1:
                    await self._writer.change(caller.numbers[0], lambda old, new=caller: enrich(old, new))  # type: ignore[misc]

    def _enriched(self, record: Reply, caller: Caller) -> bytes:
        """The record after the import; empty when the plain way does not serve."""
        try:
            old = decode(record, caller.numbers[0])
        except CallerRecordError:
            return b""
        return encode(enrich(old, caller)) if old.numbers == caller.numbers else b""
