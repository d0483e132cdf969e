"""Notes of calls: bounded, written together, and one that cannot be written does not take the others with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.store import history_notes
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_keys import RedisKeys
from tests.live.redis_server import RedisServer

AT_S, LINE = 1_780_000_000, "+12025550150"


def test_more_callers_than_may_wait_are_dropped_and_counted(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_notes, "WAITING_MAX", 10)

    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            for number in range(15):
                for call in range(2):
                    book.note_call(f"+1202555{number:04d}", Caller.UNKNOWN, AT_S + call, LINE)
            await book.flush()
            assert book.dropped_notes == 10
            assert len([caller async for caller in book.callers()]) == 10
            assert (await book.show("+12025550000")).history.calls == 2

    asyncio.run(body())


def test_a_record_nobody_can_read_costs_only_its_own_note(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            redis_server.command("SET", RedisKeys().caller("+12025550100"), b"garbage")
            for number in ("+12025550100", "+12025550101"):
                book.note_call(number, Caller.UNKNOWN, AT_S, LINE)
            await book.flush()
            assert book.dropped_notes == 1
            assert (await book.show("+12025550101")).history.calls == 1
            assert b"garbage" in redis_server.command("GET", RedisKeys().caller("+12025550100"))

    asyncio.run(body())


def test_what_is_noted_is_written_before_the_book_closes(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            book.note_call("+12025550100", Caller.UNKNOWN, AT_S, LINE)
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            assert (await book.show("+12025550100")).history.calls == 1

    asyncio.run(body())
