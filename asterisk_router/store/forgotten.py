"""Who has been forgotten, by pseudonym, and which daemons have heard of it.

A call that began before its caller was forgotten may be reported afterwards: out of a journal, by a daemon that was
frozen, by a PBX that was cut off. The mark under the caller's pseudonym keeps it out of Redis (`call_stream`, in the
same step that would add it) and out of journals (`covers`). It stays for as long as such a report can be taken in.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from ..errors import StoreError
from .call_stream import SEEN_S
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .pseudonyms import Pseudonyms
from .redis_keys import RedisKeys

CLOCKS_S = 2.0
"""How far the clocks of two hosts may be apart: a call that rings so soon after the forgetting is not kept either."""

ALIVE_S = 15.0
"""A daemon that said nothing for so long is not waited for."""

ALIVE = b"return redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])"
"""Notes of a daemon when it lived, by the store's clock: that of its host may be any time apart from that of whoever
asks. Arguments: the daemon, and up to which mark it has forgotten."""


class Heard(NamedTuple):
    """How many daemons live, and have done what a forgetting asks of them."""

    clean: int
    """Those that have."""
    silent: int
    """Those that have not yet."""


class Forgotten:
    """The marks, for whoever forgets and for whoever must not remember."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms
        """How numbers are hidden."""
        self._connection = connection
        self._keys = keys
        self._until_s: dict[str, float] = {}

    async def check_key(self) -> None:
        """Raise StoreError unless this is the key of everybody else on this Redis."""
        ours, key = self.pseudonyms.fingerprint, self._keys.pseudonym_key
        theirs = (await self._send([("SET", key, ours, "NX"), ("GET", key)]))[1]
        if bytes(theirs or b"") != ours.encode():
            raise StoreError(
                "the key of pseudonyms is not that of the others on this Redis",
                remedy="copy pseudonym-key from the state directory of the daemon that was there first",
            )

    async def mark(self, numbers: Iterable[str], now_s: float) -> float:
        """Let no call of these numbers be registered that began by now; the moment that stands in the marks."""
        until_s = now_s + CLOCKS_S
        marks = [part for number in numbers for part in (self.pseudonyms.of(number), repr(until_s))]
        await self._send([("HSET", self._keys.forgotten, *marks)])
        return until_s

    async def read(self) -> Mapping[str, float]:
        """Pseudonym -> until when its calls are not to be registered; remembered here, those that are over removed."""
        fields = (await self._send([("HGETALL", self._keys.forgotten)]))[0]
        found = {
            name.decode(errors="replace"): _moments(until_s)[0]
            for name, until_s in zip(fields[::2], fields[1::2], strict=True)
        }
        over = [name for name, until_s in found.items() if not until_s >= time.time() - SEEN_S]
        if over:
            await self._send([("HDEL", self._keys.forgotten, *over)])
        self._until_s = {name: until_s for name, until_s in found.items() if name not in over}
        return self._until_s

    def covers(self, number: str, began_at_s: float) -> bool:
        """Whether a call of a number that began then is to be forgotten, as far as was read; costs nothing when
        nobody is."""
        return bool(self._until_s) and began_at_s <= self._until_s.get(self.pseudonyms.of(number), 0.0)

    async def say_clean(self, daemon: str, until_s: float) -> None:
        """A daemon lives, and has forgotten everybody up to that mark."""
        await self._send([("EVAL", ALIVE, 1, self._keys.forgetters, daemon, repr(until_s))])

    async def leave(self, daemon: str) -> None:
        """A daemon ends."""
        await self._send([("HDEL", self._keys.forgetters, daemon)])

    async def heard(self, until_s: float) -> Heard:
        """Which of the daemons that live have forgotten everybody up to that mark; traces of dead ones go."""
        fields, now = await self._send([("HGETALL", self._keys.forgetters), ("TIME",)])
        clean = silent = 0
        for name, said in zip(fields[::2], fields[1::2], strict=True):
            alive_s, clean_s = _moments(said, 2)
            if not int(now[0]) - alive_s <= ALIVE_S:
                await self._send([("HDEL", self._keys.forgetters, name)])
            elif clean_s >= until_s:
                clean += 1
            else:
                silent += 1
        return Heard(clean, silent)

    async def _send(self, commands: list[Command]) -> list[Reply]:
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies


def _moments(said: bytes, count: int = 1) -> list[float]:
    """What was written down, in seconds since 1970 UTC; long ago where that is nothing we write."""
    with suppress(ValueError):
        found = [float(part) for part in said.split()]
        if len(found) == count:
            return found
    return [0.0] * count
