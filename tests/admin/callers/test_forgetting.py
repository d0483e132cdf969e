"""The order of forgetting: killed at any step and begun again, nothing is left."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.admin.callers.forgetting import forget_caller
from asterisk_router.admin.ports import Shared
from asterisk_router.callers.call_back import CallBack, Miss
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.registered_call import BeganCall, EndedCall
from asterisk_router.daemon.compose.daemon import open_shared
from asterisk_router.errors import RouterError
from asterisk_router.store.call_stream import CallStream
from asterisk_router.wire.call_record import encode
from asterisk_router.wire.journal_frame import frame
from tests.live.redis_server import RedisServer

ANNA, SECOND, THIRD, BOB = (f"+4212555001{number:02d}" for number in range(4))
NUMBERS = (ANNA, SECOND, THIRD)


class Killed(Exception):
    """The process ended here."""


class Fragile:
    """Something whose `limit`th act from now is never reached."""

    def __init__(self, inner: Any, left: list[int]) -> None:
        self._inner, self._left = inner, left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        async def act(*given: Any) -> Any:
            if self._left[0] == 0:
                raise Killed
            self._left[0] -= 1
            return await found(*given)

        return act


async def fill(shared: Shared, journal: Path) -> None:
    now_s = time.time() - 60
    await shared.book.update(ANNA, lambda known: Caller(NUMBERS, "Anna", (Tag("vip", evidence="contract"),)))
    calls = [BeganCall("b-1", "", now_s, SECOND, ""), EndedCall("b-1", "", now_s, now_s + 9, "", "", call_back_id=ANNA)]
    stream = CallStream(shared.book.acts, shared.book.keys)  # type: ignore[attr-defined]
    await shared.book.acts.send([stream.add(call) for call in (*calls, calls[0]._replace(uniqueid="b", number=BOB))])  # type: ignore[attr-defined]
    miss = Miss("b-1", THIRD, now_s, now_s)
    await shared.call_backs.put(CallBack(ANNA, NUMBERS, misses=(miss,), missed=1, expires_at_s=now_s + 900))
    await shared.acts.subject(THIRD)
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write_bytes(b"".join(frame(encode(call), at) for at, call in enumerate(calls)))


def dump(server: RedisServer) -> bytes:
    """Everything that can be asked of Redis."""
    found = b""
    for key in server.command("KEYS", "*").split(b"\r\n")[2::2]:
        if key:
            found += key + server.command("DUMP", key)
    return found


@pytest.mark.parametrize("asked", NUMBERS)
@pytest.mark.parametrize("steps", [*range(18), 1000])
def test_killed_at_any_step_and_begun_again_nothing_is_left(
    redis_server: RedisServer, tmp_path: Path, steps: int, asked: str
) -> None:
    redis_server.command("CONFIG", "SET", "rdbcompression", "no")
    journal = tmp_path / "journal" / "0" / "00000001.journal"

    async def body() -> None:
        async with open_shared(redis_server.unix_url, tmp_path) as shared:
            await fill(shared, journal)
            assert all(number[1:].encode() in dump(redis_server) for number in NUMBERS)
            left = [steps]
            fragile = Shared(*(Fragile(part, left) for part in shared))
            try:
                await forget_caller(fragile, asked, time.time())
            except Killed:
                try:
                    await forget_caller(shared, asked, time.time())
                except RouterError as fault:
                    assert "nobody is known" in str(fault)
            assert [name async for name in shared.book.callers()] == []

    asyncio.run(body())
    everything = dump(redis_server) + journal.read_bytes()
    assert [number for number in NUMBERS if number[1:].encode() in everything] == []
    assert BOB.encode() in everything and b"contract" not in everything


def test_nobody_is_an_error_and_done_again_nobody_too(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with open_shared(redis_server.unix_url, tmp_path) as shared:
            await fill(shared, tmp_path / "journal" / "0" / "00000001.journal")
            erased = await forget_caller(shared, ANNA, time.time())
            assert (erased.numbers, erased.caller, erased.calls, erased.call_backs, erased.acts) == (3, True, 2, 1, 1)
            assert (erased.journal, erased.daemons, erased.daemons_silent, erased.files) == (2, 0, 0, "")
            for number in NUMBERS:
                with pytest.raises(RouterError, match="nobody is known"):
                    await forget_caller(shared, number, time.time())

    asyncio.run(body())
