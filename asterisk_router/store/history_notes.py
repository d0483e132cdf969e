"""Calls noted in the histories of their callers, after the answers have left and many in one write."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from itertools import islice
from typing import NamedTuple

from ..callers.caller import Caller
from ..callers.history import add_call
from ..errors import RouterError
from ..numbering.number import masked
from ..wire.caller_record import encode
from .person_writer import PersonWriter, compare_and_set
from .redis_keys import RedisKeys
from .resp_connection import StoreConnection

LOG = logging.getLogger(__name__)

TICK_S = 0.020
"""How long notes are gathered before they are written together."""

WAITING_MAX = 20_000
"""How many callers may wait to have calls noted; a note for one more is dropped and counted."""

BITE = 16
"""How many notes are made in one turn of the event loop: a call waits less than half a millisecond behind them."""

Rang = tuple[int, str]
"""When a call rang (seconds since 1970 UTC) and on which line."""


class Note(NamedTuple):
    """The calls of one caller that are to be noted."""

    number: str
    """By which the caller was found."""
    seen: Caller
    """The caller as found."""
    record: bytes
    """The record they were read from; empty for a caller nobody knew."""
    calls: list[Rang]
    """The calls."""


class HistoryNotes:
    """Adds calls to records as they were seen at the look-up; whoever changed since is read again."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, writer: PersonWriter) -> None:
        self.dropped = 0
        """Calls that were not noted: too many waited, or the store was away."""
        self._connection = connection
        self._keys = keys
        self._writer = writer
        self._waiting: dict[str, Note] = {}
        self._writing: asyncio.Task[None] | None = None

    def add(self, number: str, seen: Caller, record: bytes, at_s: int, line: str) -> None:
        """Note a call of the caller found as `seen` in `record`; returns at once."""
        note = self._waiting.get(number)
        if note is not None:
            note.calls.append((at_s, line))
        elif len(self._waiting) >= WAITING_MAX:
            self.dropped += 1
        else:
            self._waiting[number] = Note(number, seen, record, [(at_s, line)])
            if self._writing is None or self._writing.done():
                self._writing = asyncio.get_running_loop().create_task(self._write_all())

    async def flush(self) -> None:
        """Return when everything noted so far is written or dropped."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    async def _write_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(TICK_S)
            gathered, self._waiting = iter(self._waiting.values()), {}
            while notes := list(islice(gathered, BITE)):
                dropped = self.dropped
                try:
                    await self._write(notes)
                except RouterError as fault:
                    self.dropped += sum(len(note.calls) for note in notes)
                    LOG.warning("%d calls were not noted: %s", self.dropped - dropped, fault)

    async def _write(self, notes: list[Note]) -> None:
        """One write for all; the notes of callers that changed since they were seen are done one by one."""
        commands = []
        for number, seen, record, calls in notes:
            known = seen if seen.numbers else seen._replace(numbers=(number,))
            commands.append(compare_and_set(self._keys.caller(known.numbers[0]), record, encode(_add(known, calls))))
        replies = await self._connection.send(commands)
        for (number, seen, _, calls), reply in zip(notes, replies, strict=True):
            try:
                if reply != 1:
                    await self._writer.change(number, partial(_add, calls=calls))
                elif len(seen.numbers) > 1:
                    await self._writer.copy(seen.numbers[0])
            except RouterError as fault:  # a record nobody can read must not take the others with it
                self.dropped += len(calls)
                LOG.warning("%d calls of %s were not noted: %s", len(calls), masked(number), fault.problem)


def _add(caller: Caller, calls: list[Rang]) -> Caller:
    history = caller.history
    for at_s, line in calls:
        history = add_call(history, at_s, line)
    return caller._replace(history=history)
