"""One look at the store of the callers: who answers there, what we may send, what it keeps and for how long."""

from __future__ import annotations

from pathlib import Path
from time import time

from ..errors import StoreError
from ..wire.redis_info import SeenStore, read_info
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, RedisRefusedError, Reply
from .open_book import open_book
from .redis_keys import RedisKeys

LOOK_WAIT_S = 3.0
"""How long a server may take to greet us."""

TRIAL_S = 10
"""After so many seconds Redis itself removes what a look wrote."""


async def look_at_store(url: str, state_dir: Path) -> SeenStore:
    """What stands at `url` (or `embedded`); a store that is away or lets nobody in is seen as such, not raised.

    Every kind of command the router sends is tried on a key of the look's own. Raises SettingsError for a URL that
    is none.
    """
    where = url.rpartition("@")[2].partition("?")[0]  # passwords stand before the one and behind the other
    try:
        book = await open_book(url, state_dir=state_dir, wait_s=LOOK_WAIT_S, stays=False)
    except StoreError as fault:
        return SeenStore(where, str(fault))
    async with book:
        if not book.persistent:
            return SeenStore(where, "kept inside the daemon's process, which forgets it at its end")
        if book.acts.why:
            return SeenStore(where, book.acts.why)
        try:
            return await _seen(where, book.acts, book.keys)
        except StoreError as fault:
            return SeenStore(where, str(fault))


async def _seen(where: str, connection: StoreConnection, keys: RedisKeys) -> SeenStore:
    began_s = time()
    clock, info, saves = await connection.send([("TIME",), ("INFO",), ("CONFIG", "GET", "save")])
    asked_at_s = (began_s + time()) / 2
    trials = _trials(keys.doctor)
    replies = await connection.send(trials)
    refused = dict.fromkeys(
        str(command[0])
        for command, reply in zip((*trials, ("TIME",), ("INFO",)), (*replies, clock, info), strict=True)
        if isinstance(reply, RedisRefusedError)
    )
    told = None if isinstance(clock, StoreError) else int(clock[0]) + int(clock[1]) / 1e6
    fields = {} if isinstance(info, StoreError) else read_info(info)
    return SeenStore(where, "", tuple(refused), fields, _value_of(saves), told, asked_at_s)


def _value_of(setting: Reply) -> str | None:
    """The one value of an answer to CONFIG GET; None where it is refused or unknown."""
    return setting[1].decode() if isinstance(setting, list) and len(setting) == 2 else None


def _trials(key: bytes) -> list[Command]:
    """One command of each kind, on one key that is removed again: string, hash, list, set, stream and script."""
    ours: list[Command] = [("SET", key, "1", "EX", TRIAL_S), ("GET", key), ("EXPIRE", key, TRIAL_S), ("DEL", key)]
    ours += [("INCR", key), ("DEL", key)]
    ours += [("HSET", key, "a", "1"), ("HSETNX", key, "a", "1"), ("HGET", key, "a"), ("HMGET", key, "a")]
    ours += [("HGETALL", key), ("HDEL", key, "a"), ("DEL", key)]
    ours += [("RPUSH", key, "1"), ("LPUSH", key, "1"), ("LINDEX", key, 0), ("LLEN", key), ("LRANGE", key, 0, 1)]
    ours += [("LTRIM", key, 0, 1), ("LREM", key, 0, "1"), ("LPOP", key), ("DEL", key)]
    ours += [("SADD", key, "1"), ("SISMEMBER", key, "1"), ("DEL", key)]
    ours += [("XADD", key, "*", "a", "1"), ("XRANGE", key, "-", "+"), ("XREVRANGE", key, "+", "-"), ("DEL", key)]
    ours += [("EVAL", "return redis.call('SET', KEYS[1], '1', 'PX', 1)", 1, key), ("EXISTS", key)]
    return [*ours, ("PEXPIRE", key, 1), ("PERSIST", key), ("SCAN", 0, "MATCH", key, "COUNT", 1), ("DEL", key)]
