"""The bytes of a connection: how commands are written, and replies that come in pieces."""

from __future__ import annotations

import asyncio
import socket

import pytest

from asterisk_router.store.connection.resp_wire import RedisRefusedError, Reply, RespWire, pack, pack_set_new

REPLIES = b"+OK\r\n+OK\r\n$-1\r\n+OK\r\n+OK\r\n$3\r\nAnn\r\n+OK\r\n-ERR no\r\n"
"""Replies to a list of four, to a list of one, to a look-up, and to a list of two."""


def test_set_new_is_written_as_any_command() -> None:
    keys, records = [b"ar:{+12025550100}", b"ar:{112}", b""], [b"Ann", b"", b"x" * 70_000]
    commands = [("SET", key, record, "NX") for key, record in zip(keys, records, strict=True)]
    assert pack_set_new(keys, records) == pack(commands)
    assert pack_set_new([], []) == b""


async def _replies_in(pieces: list[bytes]) -> list[Reply]:
    """What each of four that wait is told when a server sends `pieces`, each read before the next is sent."""
    ours, theirs = socket.socketpair()
    told: list[Reply] = []
    with theirs:
        _, wire = await asyncio.get_running_loop().create_connection(lambda: RespWire(5.0), sock=ours)
        wire.send(b"four", 4, told.append)
        wire.send(b"one", 1, told.append)
        wire.get(b"key", told.append)
        wire.send(b"two", 2, told.append)
        await asyncio.sleep(0)
        for piece in pieces:
            theirs.sendall(piece)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        while len(told) < 4:
            await asyncio.sleep(0)
        wire.abort(RedisRefusedError("the test is over"))
        await wire.gone.wait()
    return told


CUTS = [[REPLIES[:at], REPLIES[at:]] for at in range(len(REPLIES) + 1)]


@pytest.mark.parametrize("pieces", [*CUTS, REPLIES.splitlines(keepends=True)])
def test_replies_may_be_cut_anywhere(pieces: list[bytes]) -> None:
    four, one, found, two = asyncio.run(_replies_in(pieces))
    assert four == [b"OK", b"OK", None, b"OK"]
    assert (one, found, two[0]) == ([b"OK"], b"Ann", b"OK")
    assert isinstance(two[1], RedisRefusedError)
