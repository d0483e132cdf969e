"""Boards published and read, on every kind of store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.errors import StoreUnavailableError
from asterisk_router.queues.shared_board import SharedBoard
from asterisk_router.store.line_board import LineBoards
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.store.redis_keys import RedisKeys
from tests.live.redis_server import RedisServer
from tests.store.conftest import RunTwo


def board(pbx: str, *, known: bool = True, daemon: str = "one", why: str = "") -> SharedBoard:
    """A board without queues."""
    return {
        "pbx": pbx, "at_s": 1.0, "known": known, "good_until_s": 6.0, "queues": [], "daemon": daemon, "why": why,
        "policy_names": {"q-Иван": "predaj"},
    }  # fmt: skip


def boards_of(book: RedisBook) -> LineBoards:
    return LineBoards(book.acts, book.keys)


def test_what_one_publishes_another_reads_with_its_age(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        assert await boards_of(two).read_all() == []
        boards_of(one).publish("wien", board("wien"))
        boards_of(one).publish("berlin", board("berlin"))
        await one.acts.send([("PING",)])
        seen = await boards_of(two).read_all()
        assert [each.board for each in seen] == [board("berlin"), board("wien")]
        assert all(0 <= each.age_s < 5 and each.known and not each.stale for each in seen)

    run_two(body)


def test_who_knows_nothing_does_not_hide_what_another_knows(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        async def after(pbx_board: SharedBoard) -> SharedBoard:
            boards_of(one).publish("berlin", pbx_board)
            await one.acts.send([("PING",)])
            return (await boards_of(two).read_all())[0].board

        known = board("berlin", daemon="two")
        assert await after(known) == known
        assert await after(board("berlin", known=False, daemon="one")) == known
        lost = board("berlin", known=False, daemon="two", why="the connection was lost")
        assert await after(lost) == lost, "whoever knew may say that it knows no more"
        assert await after(board("berlin", known=False, daemon="one")) == board("berlin", known=False, daemon="one")

    run_two(body)


def test_an_old_board_is_stale_and_one_of_yesterday_is_gone(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            now_s = int((await book.acts.send([("TIME",)]))[0][0])
            for pbx, age_s in (("berlin", 7), ("wien", 90_000)):
                redis_server.command(
                    "HSET", "ar:boards", pbx, f'{now_s - age_s}000 1 one {{"pbx": "{pbx}", "known": true}}'
                )
            redis_server.command("HSET", "ar:boards", "of-another-release", "{}")
            (seen,) = await boards_of(book).read_all()
            assert seen.board["pbx"] == "berlin" and 7 <= seen.age_s < 20
            assert seen.stale and not seen.known

    asyncio.run(body())


def test_what_another_knew_is_hidden_once_it_is_old(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            now_s = int((await book.acts.send([("TIME",)]))[0][0])
            redis_server.command("HSET", "ar:boards", "berlin", f'{now_s - 7}000 1 two {{"pbx": "berlin"}}')
            deaf = board("berlin", known=False, daemon="one", why="login refused")
            boards_of(book).publish("berlin", deaf)
            assert [seen.board for seen in await boards_of(book).read_all()] == [deaf]

    asyncio.run(body())


def test_a_store_that_is_away_is_counted_and_never_awaited(tmp_path: Path) -> None:
    async def body() -> None:
        server = RedisServer().start()
        try:
            async with await open_book(server.unix_url, state_dir=tmp_path) as book:
                boards = boards_of(book)
                server.freeze()
                for _ in range(3):
                    boards.publish("berlin", board("berlin"))
                assert boards.lost == 2, "the first is under way, and no second one waits behind it"
                server.kill()
                while boards.lost < 3:
                    await asyncio.sleep(0.01)
                boards.publish("berlin", board("berlin"))
                await asyncio.sleep(0)
                assert boards.lost == 4
                with pytest.raises(StoreUnavailableError):
                    await boards.read_all()
        finally:
            server.stop()

    asyncio.run(body())


def test_two_installations_in_one_redis_do_not_see_each_other(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            LineBoards(book.acts, RedisKeys("other:")).publish("berlin", board("berlin"))
            assert await boards_of(book).read_all() == []

    asyncio.run(body())
