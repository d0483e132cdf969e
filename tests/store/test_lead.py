"""One leader at a time, on every kind of store."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asterisk_router.store.lead import Lead
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from tests.live.redis_server import RedisServer
from tests.store.conftest import RunTwo


class Clock:
    """A clock that a test moves."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_one_leads_and_another_takes_over_when_it_lets_go(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first, second = Lead(one.acts, one.keys, "berlin", "first"), Lead(two.acts, two.keys, "berlin", "second")
        elsewhere = Lead(two.acts, two.keys, "wien", "second")
        assert not first.is_leader
        assert await first.hold() and first.is_leader
        assert not await second.hold() and not second.is_leader
        assert await elsewhere.hold(), "each PBX has a leader of its own"
        assert await first.hold(), "renewed by its owner"
        await second.release()
        assert not await second.hold(), "nobody gives back what another holds"
        await first.release()
        assert not first.is_leader
        assert await second.hold() and not await first.hold()

    run_two(body)


def test_renewing_prolongs_the_lease_in_the_store(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        lead = Lead(one.acts, one.keys, "berlin", "first", lease_s=60)
        assert await lead.hold()
        await two.acts.send([("PEXPIRE", two.keys.lead("berlin"), 10_000)])
        assert await lead.hold()
        (left_ms,) = await two.acts.send([("PTTL", two.keys.lead("berlin"))])
        assert 10_000 < left_ms <= 60_000

    run_two(body)


def test_a_lease_that_nobody_renews_ends(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first = Lead(one.acts, one.keys, "berlin", "first", lease_s=0.2)
        second = Lead(two.acts, two.keys, "berlin", "second", lease_s=0.2)
        assert await first.hold()
        while not await second.hold():
            await asyncio.sleep(0.01)
        assert not first.is_leader, "it stopped by its own clock before another could begin"
        assert not await first.hold()

    run_two(body)


def test_the_lease_is_counted_from_before_it_was_asked_for(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        clock = Clock()
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            lead = Lead(book.acts, book.keys, "berlin", "one", clock=clock)
            holding = asyncio.create_task(lead.hold())
            await asyncio.sleep(0)
            clock.now_s += 3.1  # the reply came late
            assert not await holding and not lead.is_leader
            assert await lead.hold()
            clock.now_s += 2.9
            assert lead.is_leader
            clock.now_s += 0.2
            assert not lead.is_leader

    asyncio.run(body())


def test_a_renewal_that_fails_ends_it_at_once(tmp_path: Path) -> None:
    async def body() -> None:
        server = RedisServer().start()
        try:
            async with await open_book(server.unix_url, state_dir=tmp_path) as book:
                lead = Lead(book.acts, book.keys, "berlin", "one", lease_s=60)
                assert await lead.hold()
                server.kill()
                assert not await lead.hold() and not lead.is_leader
                await lead.release()
        finally:
            server.stop()

    asyncio.run(body())
