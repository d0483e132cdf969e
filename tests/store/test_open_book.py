"""Where the callers are: the embedded server's life, the store in the process, two books on one server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.registered_call import BeganCall
from asterisk_router.callers.tags import add_tag
from asterisk_router.errors import SettingsError, StoreError
from asterisk_router.store.call_writer import CallWriter, nobody_listens
from asterisk_router.store.connection.server_probe import who_answers
from asterisk_router.store.history_notes import Calls
from asterisk_router.store.open_book import EMBEDDED, IN_PROCESS, open_book
from asterisk_router.store.redis_book import RedisBook
from tests.live.redis_server import RedisServer

ANN = Caller(("+12025550100",), "Ann", (Tag("vip"),))


@pytest.fixture
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a path short enough for a socket."""
    return tmp_path_factory.mktemp("s")


async def server_pid(state_dir: Path) -> int:
    answering = await who_answers(str(state_dir / "redis" / "redis.sock"))
    return answering.pid if answering else 0


def test_the_embedded_server_keeps_callers_and_ends_with_its_last_user(state_dir: Path) -> None:
    async def body() -> int:
        async with await open_book(EMBEDDED, state_dir=state_dir) as book:
            assert book.persistent
            assert (state_dir / "redis").stat().st_mode & 0o777 == 0o700
            await book.save_many([ANN])
            pid = await server_pid(state_dir)
        async with await open_book(EMBEDDED, state_dir=state_dir) as book:
            assert await book.show("+12025550100") == ANN
        return pid

    pid = asyncio.run(body())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_second_book_joins_the_server_and_leaves_it_running(state_dir: Path) -> None:
    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir) as daemon:
            async with await open_book(EMBEDDED, state_dir=state_dir) as admin:
                await admin.save_many([ANN])
            assert await daemon.show("+12025550100") == ANN

    asyncio.run(body())


def test_a_server_left_by_a_killed_owner_is_taken_over_and_stopped(state_dir: Path) -> None:
    program = f"""
import asyncio, os, pathlib, signal
from asterisk_router.callers.caller import Caller
from asterisk_router.store.open_book import open_book
async def main():
    book = await open_book("embedded", state_dir=pathlib.Path({str(state_dir)!r}))
    await book.save_many([Caller(("+12025550100",), "Ann")])
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    owner = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert owner.returncode == -signal.SIGKILL

    async def body() -> int:
        left = await server_pid(state_dir)
        async with await open_book(EMBEDDED, state_dir=state_dir) as book:
            assert (await book.show("+12025550100")).name == "Ann"
            assert await server_pid(state_dir) == left
        return left

    pid = asyncio.run(body())
    assert pid
    status = Path(f"/proc/{pid}/stat")
    for _ in range(3000):  # its socket goes first, and then the server
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.01)
    raise AssertionError("it still runs")


def test_a_stale_socket_and_a_broken_server(state_dir: Path) -> None:
    (state_dir / "redis").mkdir()
    (state_dir / "redis" / "redis.sock").touch()

    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir) as book:
            await book.save_many([ANN])
        appended = next((state_dir / "redis" / "appendonlydir").glob("*.incr.aof"))
        appended.write_bytes(b"*3\r\n$3\r\nSET\r\nrubbish")
        (state_dir / "redis" / "appendonlydir" / "appendonly.aof.manifest").write_text("rubbish\n")
        with pytest.raises(StoreError, match="did not start") as refused:
            await open_book(EMBEDDED, state_dir=state_dir)
        assert "redis.log" in refused.value.where

    asyncio.run(body())


def test_no_place_for_the_embedded_server(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="no place"):
        asyncio.run(open_book(EMBEDDED, state_dir=tmp_path / "file"))
    with pytest.raises(StoreError, match="too long"):
        asyncio.run(open_book(EMBEDDED, state_dir=tmp_path / ("x" * 120)))


def test_without_a_server_program_the_store_is_in_the_process(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir) as book:
            assert not book.persistent
            await book.save_many([ANN])
            assert await book.show("+12025550100") == ANN

    asyncio.run(body())
    assert not list(state_dir.rglob("appendonlydir"))


def test_two_stores_in_one_process_do_not_share(state_dir: Path) -> None:
    async def body() -> None:
        async with await open_book(IN_PROCESS, state_dir=state_dir) as one:
            await one.save_many([ANN])
            async with await open_book(IN_PROCESS, state_dir=state_dir) as other:
                assert await other.show("+12025550100") == Caller.UNKNOWN

    asyncio.run(body())


def test_a_url_that_is_none(state_dir: Path) -> None:
    with pytest.raises(SettingsError):
        asyncio.run(open_book("nowhere", state_dir=state_dir))


def test_two_books_that_change_one_caller_at_once_lose_nothing(redis_server: RedisServer, state_dir: Path) -> None:
    numbers = ("+12025550100", "+12025550101")
    names = [f"tag{number}" for number in range(60)]

    def not_seen(calls: Calls) -> None:
        return None

    async def body() -> None:
        async with (
            await open_book(redis_server.tcp_url, state_dir=state_dir) as one,
            await open_book(redis_server.unix_url, state_dir=state_dir) as other,
        ):
            await one.update(numbers[0], lambda caller: caller._replace(numbers=numbers))

            async def tag(turn: int) -> None:
                book = (one, other)[turn % 2]
                await book.update(numbers[turn // 2 % 2], lambda caller: add_tag(caller, Tag(names[turn])))

            async def call(book: RedisBook, turns: range) -> None:
                writer = CallWriter(book.acts, book.keys, nobody_listens)
                for turn in turns:
                    at_s = 1_780_000_000 + turn
                    call = BeganCall(f"1780000000.{turn}", "", at_s, numbers[turn // 2 % 2], "+12025550150")
                    await writer.write([call], not_seen)

            turns = range(len(names))
            await asyncio.gather(*map(tag, turns), call(one, turns[::2]), call(other, turns[1::2]))
            for number in numbers:
                caller = await one.show(number)
                assert sorted(held.name for held in caller.tags) == sorted(names)
                assert caller.history.calls == len(names)

    asyncio.run(body())


def test_a_range_tagged_by_one_book_reaches_the_other(
    redis_server: RedisServer, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_router.store.range_mirror.REFRESH_S", 0.01)

    async def body() -> None:
        async with (
            await open_book(redis_server.tcp_url, state_dir=state_dir) as one,
            await open_book(redis_server.unix_url, state_dir=state_dir) as other,
        ):
            await one.tag_prefix("+1202", Tag("capital"))
            for _ in range(3000):
                if other.ranges.tags_of("+12025550100"):
                    break
                await asyncio.sleep(0.01)
            assert other.ranges.tags_of("+12025550100") == (Tag("capital"),)

    asyncio.run(body())


def test_the_path_to_a_first_answer_imports_no_client_library() -> None:
    program = (
        "import sys, asterisk_router.store.open_book; print([m for m in ('redis', 'fakeredis') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
