"""The stream of calls: each record in it once, in order, and followed as it grows."""

from __future__ import annotations

import asyncio

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.store.call_stream import ENDED, KNOWN, NEW, CallStream
from asterisk_router.store.redis_book import RedisBook
from tests.store.conftest import RunTwo

DAY_S = 86_400
AT_S = 20_000 * DAY_S - 1.5
BEGAN = BeganCall("b-1", "b-0", AT_S, "+12025550100", "+12025550150")
ENDED_CALL = EndedCall("b-1", "b-0", AT_S, AT_S + 30, "+12025550100", "+12025550150")


async def add(book: RedisBook, *records: Registered) -> list[int]:
    stream = CallStream(book.acts, book.keys)
    return await book.acts.send([stream.add(record) for record in records])


def test_a_record_is_added_once_by_however_many(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        gap = Gap(3, AT_S, AT_S + 1, "journal 0/1")
        assert await add(one, BEGAN, ENDED_CALL, gap) == [NEW, NEW, NEW]
        assert await add(other, ENDED_CALL, gap, BEGAN) == [KNOWN, KNOWN, ENDED]
        entries = await CallStream(other.acts, other.keys).newest(10)
        assert [entry.record for entry in entries] == [BEGAN, ENDED_CALL, gap]

    run_two(body)


def test_a_beginning_after_its_end_is_told_apart(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        assert await add(one, ENDED_CALL) == [NEW]
        assert await add(other, BEGAN) == [ENDED]
        assert await add(one, BEGAN, BEGAN._replace(uniqueid="b-2")) == [ENDED, NEW]
        assert len(await CallStream(one.acts, one.keys).newest(10)) == 3

    run_two(body)


def test_what_is_remembered_of_a_day_expires_and_the_end_belongs_to_the_day_it_began(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await add(one, BEGAN, ENDED_CALL)
        seen = one.keys.calls_seen(19_999)
        count, ttl_s = await one.acts.send([("SCARD", seen), ("TTL", seen)])
        assert (count, ttl_s > 0) == (2, True)

    run_two(body)


def test_readers_go_on_where_they_were(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        calls = [BEGAN._replace(uniqueid=f"b-{number}") for number in range(10)]
        await add(one, *calls)
        stream = CallStream(other.acts, other.keys)
        assert [entry.record for entry in await stream.newest(3)] == calls[7:]
        first = await stream.after("0", 4)
        assert [entry.record for entry in first] == calls[:4]
        assert [entry.record for entry in await stream.after(first[-1].id)] == calls[4:]

    run_two(body)


def test_a_follower_sees_what_comes_and_passes_over_what_it_cannot_read(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await add(one, BEGAN)
        stream = CallStream(other.acts, other.keys)
        following = stream.tail()
        nearest = asyncio.ensure_future(anext(following))
        await asyncio.sleep(0.05)
        await one.acts.send([("XADD", one.keys.calls, "*", "c", b"garbage")])
        await add(one, ENDED_CALL)
        assert (await asyncio.wait_for(nearest, 5)).record == ENDED_CALL
        assert stream.unreadable == 1
        await following.aclose()
        from_the_start = stream.tail("0")
        assert (await anext(from_the_start)).record == BEGAN
        await from_the_start.aclose()

    run_two(body)
