"""The stream of calls: each record in it once, in order, and followed as it grows."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.store import call_stream
from asterisk_router.store.call_stream import BITE, ENDED, KNOWN, NEW, CallStream
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
        assert (await CallStream(other.acts, other.keys).newest(10))[0] == [BEGAN, ENDED_CALL, gap]

    run_two(body)


def test_a_beginning_after_its_end_is_told_apart(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        assert await add(one, ENDED_CALL) == [NEW]
        assert await add(other, BEGAN) == [ENDED]
        assert await add(one, BEGAN, BEGAN._replace(uniqueid="b-2")) == [ENDED, NEW]
        assert len((await CallStream(one.acts, one.keys).newest(10))[0]) == 3

    run_two(body)


def test_what_is_remembered_of_a_day_expires_and_the_end_belongs_to_the_day_it_began(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await add(one, BEGAN, ENDED_CALL)
        seen = one.keys.calls_seen(19_999)
        count, ttl_s = await one.acts.send([("SCARD", seen), ("TTL", seen)])
        assert (count, ttl_s > 0) == (2, True)

    run_two(body)


def test_the_stream_does_not_grow_for_ever(run_two: RunTwo, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        calls = [BEGAN._replace(uniqueid=f"b-{number}") for number in range(400)]
        await add(one, *calls)
        kept, _ = await CallStream(other.acts, other.keys).after("0")
        assert kept == calls[-len(kept) :] and 100 <= len(kept) < 400, "in whole nodes of the stream, of 100 entries"

    monkeypatch.setattr(call_stream, "STREAM_MAX", 100)
    run_two(body)


def test_readers_go_on_where_they_were(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        calls = [BEGAN._replace(uniqueid=f"b-{number}") for number in range(10)]
        await add(one, *calls)
        stream = CallStream(other.acts, other.keys)
        latest, end = await stream.newest(3)
        assert latest == calls[7:]
        first, position = await stream.after("0", 4)
        assert first == calls[:4]
        assert await stream.after(position) == (calls[4:], end)
        assert await stream.after(end) == ([], end)

    run_two(body)


def test_an_empty_stream_is_read_from_its_first_record_on(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        stream = CallStream(other.acts, other.keys)
        nothing, position = await stream.newest(1)
        assert nothing == []
        await add(one, BEGAN)
        assert (await stream.after(position))[0] == [BEGAN]

    run_two(body)


def test_however_much_cannot_be_read_stops_no_reader(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await add(one, BEGAN)
        stream = CallStream(other.acts, other.keys)
        _, position = await stream.newest(1)
        await one.acts.send([("XADD", one.keys.calls, "*", "c", b"of another release")] * (BITE + 1))
        assert (await stream.newest(BITE))[0] == []
        passed, position = await stream.after(position)
        assert (passed, stream.unreadable) == ([], 2 * BITE)
        await add(one, ENDED_CALL)
        assert (await stream.after(position))[0] == [ENDED_CALL]
        newest, position = await stream.newest(1)
        assert (newest, await stream.after(position)) == ([ENDED_CALL], ([], position))

    run_two(body)


def test_what_is_older_than_it_may_be_goes_with_the_next_call(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await add(one, BEGAN)
        calls = [BEGAN._replace(uniqueid=f"b-{number}") for number in (2, 3)]
        await one.acts.send([CallStream(one.acts, one.keys, kept_s=DAY_S).add(calls[0])])
        assert (await CallStream(other.acts, other.keys).newest(10))[0] == [BEGAN, calls[0]], "of today"
        await asyncio.sleep(0.2)
        await one.acts.send([CallStream(one.acts, one.keys, kept_s=0.1).add(calls[1])])
        assert (await CallStream(other.acts, other.keys).newest(10))[0] == [calls[1]]

    run_two(body)
