"""Calls noted in the histories of their callers, off the path of the call and many in one write."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial, reduce
from typing import NamedTuple

from ..callers.caller import Caller
from ..callers.history import note
from ..callers.registered_call import BeganCall, EndedCall
from ..errors import CallerRecordError, StoreError
from ..numbering.number import masked
from ..once_a_minute import OnceAMinute
from ..wire.caller_record import decode, encode
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .person_writer import PersonWriter, compare_and_set
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

Calls = Sequence[BeganCall | EndedCall]
"""What happened in the calls of one person."""


class Seen(NamedTuple):
    """A caller as a look-up found them."""

    caller: Caller
    """Who it was; `Caller.UNKNOWN` when never seen."""
    record: bytes
    """The record they were read from; empty for a caller nobody knew."""


class HistoryNotes:
    """Adds calls to records as they were seen; whoever changed since is read again, so that no change is lost."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self.dropped = 0
        """Calls that could not be noted because nobody can read the record of their caller."""
        self._connection = connection
        self._keys = keys
        self._writer = PersonWriter(connection, keys)
        self._seldom = OnceAMinute(LOG)

    def look_up(self, number: str) -> Command:
        """The command that finds the record behind a number."""
        return ("GET", self._keys.caller(number))

    def seen(self, number: str, record: Reply) -> Seen:
        """What the look-up found; raises CallerRecordError."""
        return Seen(decode(record, number), record) if record else Seen(Caller.UNKNOWN, b"")

    def write(self, number: str, seen: Seen, calls: Calls) -> tuple[Caller, Command]:
        """The caller with `calls` noted, and the command that puts them in the place of the one seen."""
        known = seen.caller if seen.caller.numbers else seen.caller._replace(numbers=(number,))
        caller = noted(known, calls)
        return caller, compare_and_set(self._keys.caller(caller.numbers[0]), seen.record, encode(caller))

    async def settle(self, number: str, caller: Caller, calls: Calls, reply: Reply) -> Caller:
        """Finish what `write` began, by its reply; returns the caller as stored. Raises StoreUnavailableError.

        A record nobody can read costs only its own notes.
        """
        try:
            if reply != 1:
                return await self._writer.change(number, partial(noted, calls=calls))
            if len(caller.numbers) > 1:
                await self._writer.copy(caller.numbers[0])
        except CallerRecordError as fault:
            self.drop(number, calls, fault)
        return caller

    async def take_back(self, number: str, caller: Caller, calls: Calls, reply: Reply) -> Caller:
        """Undo what `write` did for somebody who was forgotten meanwhile, and note `calls`, those that began later."""
        if reply == 1:
            key = self._keys.caller(caller.numbers[0])
            undone = (await self._connection.send([compare_and_set(key, encode(caller), b"")]))[0]
            if isinstance(undone, StoreError):
                raise undone
        return await self._writer.change(number, partial(noted, calls=calls)) if calls else Caller.UNKNOWN

    def drop(self, number: str, calls: Calls, fault: StoreError) -> None:
        """Count calls that cannot be noted, and say why."""
        self.dropped += len(calls)
        self._seldom.warning("a call of %s was not noted: %s", masked(number), fault.problem, times=len(calls))


def noted(caller: Caller, calls: Calls) -> Caller:
    """The caller with what happened in their calls in their history."""
    return caller._replace(history=reduce(note, calls, caller.history))


def by_number(records: Sequence[object]) -> Mapping[str, list[BeganCall | EndedCall]]:
    """The calls among `records` by the number of their caller, in order; withheld callers have no history.

    A call that was decided anew has begun already.
    """
    calls: dict[str, list[BeganCall | EndedCall]] = {}
    for record in records:
        anew = isinstance(record, BeganCall) and record.choice
        if isinstance(record, (BeganCall, EndedCall)) and record.number and not anew:
            calls.setdefault(record.number, []).append(record)
    return calls
