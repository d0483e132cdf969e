"""The store in a process, reached by others through its private socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.tags import add_tag
from asterisk_router.errors import StoreError, StoreUnavailableError
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.connection.process_server import ProcessServer
from asterisk_router.store.open_book import EMBEDDED, open_book

ANN = Caller(("+12025550100", "+12025550101"), "Ann", (Tag("vip"),))


@pytest.fixture
def state_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory on a machine without a Redis program."""
    monkeypatch.setenv("PATH", "/nonexistent")
    return tmp_path_factory.mktemp("s")


def test_what_one_process_stores_the_owner_finds_and_the_other_way_round(state_dir: Path) -> None:
    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir) as owner:
            assert not owner.persistent
            assert (state_dir / "redis").stat().st_mode & 0o777 == 0o700
            async with await open_book(EMBEDDED, state_dir=state_dir) as other:
                assert other.persistent
                await other.save_many([ANN])
                await other.tag_prefix("+1202", Tag("inspector"))
                assert await owner.show("+12025550101") == ANN
                await owner.update("+12025550100", lambda caller: add_tag(caller, Tag("supplier")))
                assert [tag.name for tag in (await other.show("+12025550100")).tags] == ["vip", "supplier"]
                assert [caller.numbers async for caller in other.callers()] == [ANN.numbers]
                assert await other.forget("+12025550100")
            assert await owner.show("+12025550101") == Caller()

    asyncio.run(body())


def test_the_place_is_free_again_when_the_owner_is_gone(state_dir: Path) -> None:
    async def body() -> None:
        for _ in range(2):
            async with await open_book(EMBEDDED, state_dir=state_dir) as owner:
                assert not owner.persistent
                assert await owner.show("+12025550100") == Caller()
                await owner.save_many([ANN])
            assert not (state_dir / "redis" / "redis.sock").exists()

    asyncio.run(body())


def test_whoever_joined_is_told_when_the_owner_goes(state_dir: Path) -> None:
    async def body() -> None:
        owner = await open_book(EMBEDDED, state_dir=state_dir)
        async with await open_book(EMBEDDED, state_dir=state_dir) as other:
            await owner.close()
            with pytest.raises(StoreUnavailableError):
                await asyncio.sleep(0.05)
                await other.show("+12025550100")

    asyncio.run(body())


def test_a_command_never_keeps_the_store_that_a_daemon_needs(state_dir: Path) -> None:
    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir, stays=False) as command:
            assert not command.persistent, "so the command says that nothing keeps callers here"
            async with await open_book(EMBEDDED, state_dir=state_dir) as daemon:
                await command.close()
                await daemon.save_many([ANN])
                async with await open_book(EMBEDDED, state_dir=state_dir, stays=False) as later:
                    assert later.persistent
                    assert await later.show("+12025550100") == ANN
                assert await daemon.show("+12025550100") == ANN

    asyncio.run(body())


def test_bytes_that_are_no_command_harm_nobody(state_dir: Path) -> None:
    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir) as owner:
            reader, writer = await asyncio.open_unix_connection(state_dir / "redis" / "redis.sock")
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await reader.read() == b""
            writer.close()
            await owner.save_many([ANN])
            async with await open_book(EMBEDDED, state_dir=state_dir) as other:
                assert await other.show("+12025550100") == ANN

    asyncio.run(body())


def test_a_place_that_cannot_be_had_is_said(state_dir: Path) -> None:
    (state_dir / "redis").write_text("a file in its place")

    async def body() -> None:
        await ProcessServer(state_dir, ProcessConnection()).open()

    with pytest.raises(StoreError, match="state directory"):
        asyncio.run(body())
