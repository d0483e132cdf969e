"""Puts records of calls into Redis, a bite at a time: the stream, the histories, then whoever waits for ends.

Every step may be done again: the stream knows its names, a history knows its calls, and listeners are told so.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from ..callers.caller import Caller
from ..callers.registered_call import EndedCall, Registered
from ..errors import CallerRecordError, StoreError
from .call_stream import ENDED, FORGOTTEN, CallStream
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .forgotten import Forgotten
from .history_notes import Calls, HistoryNotes, Seen, by_number
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

OnEnded = Callable[[EndedCall, Caller], Awaitable[None]]
"""Told every end with its caller, after it is in Redis; at least once, so it must not mind being told again."""

SeenAt = Callable[[Calls], Seen | None]
"""The caller of these calls as their look-up found them; None when that is not known any more."""


async def nobody_listens(ended: EndedCall, caller: Caller) -> None:
    """In place of call-backs, where there are none."""


class CallWriter:
    """Writes bites of records; a bite that fails is handed in again."""

    def __init__(
        self,
        connection: StoreConnection,
        keys: RedisKeys,
        on_ended: OnEnded,
        kept_s: float = 0.0,
        forgotten: Forgotten | None = None,
    ) -> None:
        hides = {} if forgotten is None else {"pseudonym_of": forgotten.pseudonyms.of}
        self.stream = CallStream(connection, keys, kept_s=kept_s, **hides)
        """Where every record goes first."""
        self.notes = HistoryNotes(connection, keys)
        """Where the calls of known numbers go next."""
        self.faults = 0
        """Ends whose listener failed by a fault of ours."""
        self._connection = connection
        self._on_ended = on_ended

    async def write(self, records: Sequence[Registered], seen_at: SeenAt) -> None:
        """Write them all; raises StoreError when they must be handed in again.

        One round trip when the callers are at hand as their look-up found them, as a rule, else two.
        """
        calls_of = by_number(records)
        at_hand = {number: seen for number, calls in calls_of.items() if (seen := seen_at(calls)) is not None}
        others = [number for number in calls_of if number not in at_hand]
        written = self._written({number: (seen, calls_of[number]) for number, seen in at_hand.items()})
        commands: list[Command] = [self.stream.add(record) for record in records]
        commands += [command for _, command in written.values()]
        commands += [self.notes.look_up(number) for number in others]
        replies = await self._connection.send(commands)
        added, replies = replies[: len(records)], replies[len(records) :]
        _raise_refusal(added)
        over = {id(record) for record, reply in zip(records, added, strict=True) if reply in (ENDED, FORGOTTEN)}
        forgotten = {id(record) for record, reply in zip(records, added, strict=True) if reply == FORGOTTEN}
        callers: dict[str, Caller] = {}
        for (number, (caller, _)), reply in zip(written.items(), replies, strict=False):
            remembered = [call for call in calls_of[number] if id(call) not in forgotten]
            if len(remembered) == len(calls_of[number]):
                callers[number] = await self.notes.settle(number, caller, remembered, reply)
            else:
                callers[number] = await self.notes.take_back(number, caller, remembered, reply)
        remaining = {number: [call for call in calls_of[number] if id(call) not in over] for number in others}
        callers |= await self._note(remaining, replies[len(written) :])
        for record in records:
            if isinstance(record, EndedCall) and id(record) not in forgotten:
                await self._tell(record, callers.get(record.number, Caller.UNKNOWN))

    def _written(self, at_hand: Mapping[str, tuple[Seen, Calls]]) -> dict[str, tuple[Caller, Command]]:
        """Callers with their calls noted, and how to store them; one no record can hold costs its own notes only."""
        written: dict[str, tuple[Caller, Command]] = {}
        for number, (seen, calls) in at_hand.items():
            try:
                written[number] = self.notes.write(number, seen, calls)
            except CallerRecordError as fault:
                self.notes.drop(number, calls, fault)
        return written

    async def _note(self, calls_of: Mapping[str, Calls], found: Sequence[Reply]) -> dict[str, Caller]:
        """Note calls of callers that had to be looked up; `found` is what lies under their numbers."""
        _raise_refusal(found)
        callers: dict[str, Caller] = {}
        at_hand: dict[str, tuple[Seen, Calls]] = {}
        for (number, calls), record in zip(calls_of.items(), found, strict=True):
            try:
                seen = self.notes.seen(number, record)
            except CallerRecordError as fault:
                self.notes.drop(number, calls, fault)
                callers[number] = Caller(numbers=(number,))
                continue
            callers[number] = seen.caller
            if calls:
                at_hand[number] = seen, calls
        written = self._written(at_hand)
        replies = await self._connection.send([command for _, command in written.values()])
        for (number, (caller, _)), reply in zip(written.items(), replies, strict=True):
            callers[number] = await self.notes.settle(number, caller, calls_of[number], reply)
        return callers

    async def _tell(self, ended: EndedCall, caller: Caller) -> None:
        try:
            await self._on_ended(ended, caller)
        except StoreError:
            raise
        except Exception:  # a fault of ours there must not keep every later call out of the registry
            self.faults += 1
            LOG.exception("what follows from the end of call %s failed", ended.uniqueid)


def _raise_refusal(replies: Sequence[Reply]) -> None:
    for reply in replies:
        if isinstance(reply, StoreError):
            raise reply
