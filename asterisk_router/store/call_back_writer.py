"""Changes to one call-back in Redis, nobody else's change lost, one entry for a person whatever their numbers.

A change reads every entry of the person (two, when their numbers were so far taken for two people), and is made by one
script if nothing of it changed meanwhile; else it is thought again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ..callers.call_back import CallBack, joined
from ..errors import StoreError
from ..wire.call_back_record import decode, encode
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .person_writer import TRIES
from .redis_keys import RedisKeys

REPLACE = b"""for at = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[1], ARGV[at]) or '') ~= ARGV[at + 1] then return 0 end
end
for at = 1, #ARGV, 3 do
  if ARGV[at + 2] == '' then redis.call('HDEL', KEYS[1], ARGV[at])
  else redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2]) end
end
return 1"""
"""Puts each third word under the field of the first if the second lies there; all of them, or none. Empty: no entry."""

Change = Callable[[CallBack], CallBack]
"""What becomes of an entry; CLOSED stands for none, before and after. May be asked several times."""


class Changed(NamedTuple):
    """One entry before and after a change; CLOSED stands for none."""

    before: CallBack
    """As it lay in the store."""
    after: CallBack
    """As it lies there now."""


class CallBackWriter:
    """Reads and changes single entries."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def change(self, numbers: Iterable[str], change: Change, first: Sequence[Command] = ()) -> Changed:
        """Put what `change` makes of the person's entry in its place; raises CallBackRecordError, StoreError.

        The commands of `first` are carried out before the entry is read, in the same round trip.
        """
        numbers = tuple(numbers)
        for _ in range(TRIES if numbers else 0):
            seen = await self._read(numbers, first)
            before = CallBack.CLOSED
            for person, record in seen.items():
                before = joined(before, decode(record, person)) if record else before
            after = change(before)
            record = encode(after) if after.is_open else b""
            words = [(person, was, record if person == after.person else b"") for person, was in seen.items()]
            if all(was == will for _, was, will in words):
                return Changed(before, after)
            script = ("EVAL", REPLACE, 1, self._keys.call_backs, *(word for words_ in words for word in words_))
            if (await self.send([script]))[0] == 1:
                return Changed(before, after)
        if not numbers:
            return Changed(CallBack.CLOSED, CallBack.CLOSED)
        raise StoreError(f"others changed this call-back {TRIES} times in a row", where=numbers[0], remedy="try again")

    async def _read(self, numbers: tuple[str, ...], first: Sequence[Command]) -> dict[str, bytes]:
        """What lies under these numbers, and under all numbers that the entries found there name; empty: nothing."""
        seen: dict[str, bytes] = {}
        while numbers:
            *_, records = await self.send([*first, ("HMGET", self._keys.call_backs, *numbers)])
            seen.update(zip(numbers, (record or b"" for record in records), strict=True))
            found = [decode(seen[number], number) for number in numbers if seen[number]]
            numbers = tuple({number: None for entry in found for number in entry.numbers if number not in seen})
        return seen

    async def send(self, commands: list[Command]) -> list[Reply]:
        """Replies to commands; raises StoreUnavailableError, or the first refusal among them."""
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies
