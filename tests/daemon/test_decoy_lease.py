"""A daemon plays no decoy that Redis has not confirmed within a second, whatever becomes of Redis."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from asterisk_router.callers.caller import Tag
from asterisk_router.callers.decoy_use import OFF_FILE
from asterisk_router.daemon.decoy_lease import LEASE_S, NO_AUDIT, RANGES_UNREAD, UNCONFIRMED, DecoyLease
from asterisk_router.policy.situation import NO_DECOY, DecoySwitch
from asterisk_router.store.decoy_book import DecoyBook
from asterisk_router.store.open_book import open_book
from tests.live.redis_server import RedisServer

ON = DecoySwitch("", "Eva Nagy")


class Clock:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_is_on_for_a_second_after_it_was_asked(tmp_path: Path, clock: Clock) -> None:
    async def body() -> None:
        async with await open_book("embedded-process", state_dir=tmp_path) as book:
            decoys = DecoyBook(book.acts, book.keys)
            lease = DecoyLease(decoys, book, lambda: True, tmp_path, clock=clock)
            assert lease.switch() == NO_DECOY
            await lease.ask()
            assert lease.switch() == NO_DECOY
            await decoys.switch_on("Eva Nagy", "hugo", 1.0)
            await lease.ask()
            clock.now_s += LEASE_S - 0.001
            assert lease.switch() == ON
            clock.now_s += 0.001
            assert lease.switch() == UNCONFIRMED
            await lease.ask()
            assert lease.switch() == ON
            await decoys.switch_off("hugo", "", 2.0)
            await lease.ask()
            assert lease.switch() == NO_DECOY

    asyncio.run(body())


def test_without_an_audit_or_where_the_host_was_stopped_it_is_off(tmp_path: Path, clock: Clock) -> None:
    async def body() -> None:
        async with await open_book("embedded-process", state_dir=tmp_path) as book:
            decoys, audited = DecoyBook(book.acts, book.keys), [True]
            lease = DecoyLease(decoys, book, lambda: audited[0], tmp_path, clock=clock)
            await decoys.switch_on("Eva Nagy", "hugo", 1.0)
            await lease.ask()
            assert lease.switch() == ON
            audited[0] = False
            assert lease.switch() == NO_AUDIT
            audited[0] = True
            (tmp_path / OFF_FILE).touch()
            await lease.ask()
            assert lease.switch() == NO_DECOY

    asyncio.run(body())


def test_it_waits_for_ranges_that_somebody_tagged_just_now(tmp_path: Path, redis_server: RedisServer) -> None:
    """The daemon that has not read them is asked again, and by then it has."""

    class Slow:
        """A mirror that needs one more look."""

        def __init__(self) -> None:
            self.looked = 0

        async def ranges_are(self, version: object) -> bool:
            self.looked += 1
            return self.looked > 1

    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            decoys = DecoyBook(book.acts, book.keys)
            await decoys.switch_on("Eva Nagy", "hugo", 1.0)
            await book.tag_prefix("+42125550", Tag("inspector"))
            lease = DecoyLease(decoys, Slow(), lambda: True, tmp_path)
            await lease.ask()
            assert lease.switch() == RANGES_UNREAD
            await lease.ask()
            assert lease.switch() == ON

    asyncio.run(body())


def test_a_redis_that_freezes_ends_it_within_a_second_and_one_that_thaws_brings_it_back(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            decoys = DecoyBook(book.acts, book.keys)
            await decoys.switch_on("Eva Nagy", "hugo", 1.0)
            lease = DecoyLease(decoys, book, lambda: True, tmp_path)
            keeping = asyncio.create_task(lease.keep())
            await _until(lambda: lease.switch() == ON)
            redis_server.freeze()
            frozen_s = monotonic()
            asked_s = [frozen_s]

            def over() -> bool:
                """By the clock just before it is asked: whoever is kept from a core between the two blames nobody."""
                asked_s.append(monotonic())
                return lease.switch() == UNCONFIRMED

            try:
                await _until(over)
                assert asked_s[-2] - frozen_s <= LEASE_S, "it was still on then"
            finally:
                redis_server.thaw()
            await _until(lambda: lease.switch() == ON)
            keeping.cancel()

    asyncio.run(body())


async def _until(true: object) -> None:
    for _ in range(1_000):
        if true():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")
