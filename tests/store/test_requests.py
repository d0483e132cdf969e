"""What people ask and daemons tell, on every kind of store."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from asterisk_router.errors import StoreUnavailableError
from asterisk_router.queues.acts import Done
from asterisk_router.queues.requests import PromoteCaller, PullReserve, Request, WithdrawWaiting, as_plain
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.store.requests import ANSWER_KEPT_S, AT_ONCE, Requests
from tests.live.redis_server import RedisServer
from tests.store.conftest import RunTwo

PULL = PullReserve("Ľuboš", "sales", ask=True)


def requests_of(book: RedisBook) -> Requests:
    return Requests(book.acts, book.keys)


async def taken(requests: Requests, pbx: str, count: int = 1) -> list[Request]:
    """Look until so many requests are there."""
    found: list[Request] = []
    while len(found) < count:
        found += await requests.take(pbx)
        await asyncio.sleep(0.001)
    return found


def test_a_wish_reaches_the_daemon_and_its_answer_whoever_asked(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        daemon, people = requests_of(one), requests_of(two)
        asking = asyncio.create_task(people.ask("berlin", PULL, "eva"))
        (request,) = await taken(daemon, "berlin")
        assert (request.wish, request.author) == (PULL, "eva")
        assert await daemon.take("berlin") == [] and await daemon.take("wien") == []
        await daemon.tell(request.id, Done(True, "ringing Ľuboš"))
        assert await asking == Done(True, "ringing Ľuboš")

    run_two(body)


def test_what_nobody_takes_does_not_gather(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        assert not (await requests_of(one).ask("berlin", PULL, "eva", timeout_s=0.01)).ok
        asking = asyncio.create_task(requests_of(one).ask("berlin", PULL, "eva"))
        left_s = -2
        while left_s == -2:  # there is no such key yet
            (left_s,) = await two.acts.send([("TTL", two.keys.asked("berlin"))])
        assert 0 <= left_s <= ANSWER_KEPT_S
        asking.cancel()

    run_two(body)


def test_each_of_many_gets_its_own_answer_and_first_come_is_first(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        daemon, people = requests_of(one), requests_of(two)
        count = AT_ONCE + 3
        asking = [asyncio.create_task(people.ask("berlin", PromoteCaller("q", "1.1", n), "eva")) for n in range(count)]
        requests = await taken(daemon, "berlin", count)
        assert [request.wish.head_start_s for request in requests] == list(range(count))  # type: ignore[union-attr]
        for n, request in enumerate(requests):
            await daemon.tell(request.id, Done(n % 2 == 0, str(n)))
        assert await asyncio.gather(*asking) == [Done(n % 2 == 0, str(n)) for n in range(count)]

    run_two(body)


def test_what_nobody_took_is_taken_back_and_never_carried_out_late(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        done = await requests_of(two).ask("berlin", PULL, "eva", timeout_s=0.1)
        assert not done.ok and "no daemon leads berlin" in done.said and "nothing was done" in done.said
        assert await requests_of(one).take("berlin") == []

    run_two(body)


def test_a_wish_of_somebody_who_was_killed_meanwhile_expires(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            asking = asyncio.create_task(requests_of(book).ask("berlin", PULL, "eva", timeout_s=0.2))
            while not redis_server.command("LLEN", "ar:asked:berlin").startswith(b":1"):
                await asyncio.sleep(0.001)
            asking.cancel()
            await asyncio.sleep(0.25)
            assert await requests_of(book).take("berlin") == []

    asyncio.run(body())


def test_a_daemon_that_takes_and_falls_silent_is_told_apart(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        asking = asyncio.create_task(requests_of(two).ask("berlin", WithdrawWaiting("q", "1.1"), "eva", timeout_s=0.3))
        await taken(requests_of(one), "berlin")
        done = await asking
        assert not done.ok and "look whether it was carried out" in done.said

    run_two(body)


def test_what_this_release_cannot_do_is_answered_and_rubbish_dropped(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            requests = requests_of(book)
            soon_s = time.time() + ANSWER_KEPT_S / 2
            for text in ("rubbish", "[]", '{"id": "3"}', json.dumps({"id": "4", "until_s": soon_s, "do": "sing"})):
                redis_server.command("RPUSH", "ar:asked:berlin", text)
            assert await requests.take("berlin") == []
            assert b"another release" in redis_server.command("LPOP", "ar:told:4")

    asyncio.run(body())


@pytest.mark.parametrize("until_s", [float("nan"), float("inf"), 4e9, -1.0])
def test_what_would_never_be_late_is_not_carried_out(redis_server: RedisServer, tmp_path: Path, until_s: float) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            wish = {"id": "5", "until_s": until_s, **as_plain(PULL, "eva")}
            redis_server.command("RPUSH", "ar:asked:berlin", json.dumps(wish))
            assert await requests_of(book).take("berlin") == []

    asyncio.run(body())


def test_a_store_that_is_away_is_said(tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(f"unix://{tmp_path}/no.sock", state_dir=tmp_path) as book:
            with pytest.raises(StoreUnavailableError):
                await requests_of(book).ask("berlin", PULL, "eva")
            with pytest.raises(StoreUnavailableError):
                await requests_of(book).take("berlin")

    asyncio.run(body())
