"""Callers taken out of the stream, in every kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.errors import StoreError
from asterisk_router.store import call_eraser
from asterisk_router.store.call_eraser import BITE, CallEraser, names_of
from asterisk_router.store.call_stream import CallStream
from asterisk_router.store.connection.resp_connection import StoreConnection
from asterisk_router.store.connection.resp_wire import Command, Reply
from asterisk_router.store.redis_book import RedisBook
from tests.store.conftest import RunTwo

ANNA, BOB, LONGER = "+12025550100", "+12025550101", "+120255501001"
AT_S = 1_780_000_000.0


def began(number: str, uniqueid: str) -> BeganCall:
    return BeganCall(uniqueid, "", AT_S, number, "+12025550150")


def stream_of(book: RedisBook) -> CallStream:
    return CallStream(book.acts, book.keys)


async def add(book: RedisBook, *records: Registered) -> None:
    await book.acts.send([stream_of(book).add(record) for record in records])


async def rows(book: RedisBook) -> list[tuple[bytes, bytes]]:
    found = (await book.acts.send([("XRANGE", book.keys.calls, "-", "+")]))[0]
    return [(entry_id, fields[1]) for entry_id, fields in found]


def test_every_record_of_a_caller_goes_and_the_others_keep_their_places(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        ended = EndedCall("b-3", "", AT_S, AT_S, BOB, "", call_back_id=ANNA)
        records = [began(ANNA, "b-1"), began(BOB, "b-2"), ended, began(LONGER, "b-4"), Gap(1, 1.0, 2.0), began("", "b")]
        await add(one, *records)
        before = await rows(one)
        assert await CallEraser(one.acts, one.keys).erase([ANNA, "~none"]) == 2
        assert await rows(two) == [row for at, row in enumerate(before) if at not in (0, 2)]
        assert await CallEraser(two.acts, two.keys).erase([ANNA]) == 0
        await add(two, began(BOB, "b-9"))
        assert len(await rows(one)) == 5
        assert (await one.acts.send([("KEYS", one.keys.calls + b"*")]))[0].count(one.keys.calls_new) == 0

    run_two(body)


def test_whose_stream_is_all_theirs_leaves_none(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await add(one, began(ANNA, "b-1"))
        assert await CallEraser(one.acts, one.keys).erase([ANNA]) == 1
        assert await rows(two) == []

    run_two(body)


@pytest.mark.parametrize("count", [BITE - 1, BITE, BITE + 1, 2 * BITE])
def test_pieces_lose_and_double_nothing(run_two: RunTwo, count: int) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await add(one, *(began(ANNA if number % 7 == 0 else BOB, f"b-{number}") for number in range(count)))
        left = [row for at, row in enumerate(await rows(one)) if at % 7]
        await asyncio.gather(
            CallEraser(one.acts, one.keys).erase([ANNA]), add(two, *(began(BOB, f"c-{number}") for number in range(20)))
        )
        after = await rows(two)
        assert [row for row in after if row in left] == left and len(after) == len(left) + 20

    run_two(body)


class Trims:
    """A connection before whose first script the oldest entries of the stream go, as they do when calls are added."""

    persistent = True

    def __init__(self, book: RedisBook, gone: int) -> None:
        self._book, self._gone = book, gone

    def send(self, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
        if commands[0][0] == "EVAL" and self._gone:
            left, self._gone = 2 * BITE - self._gone, 0
            self._book.acts.send([("XTRIM", self._book.keys.calls, "MAXLEN", left)])
        return self._book.acts.send(commands)


def test_what_is_trimmed_meanwhile_lets_nobody_through_unseen(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        theirs = (10, BITE, BITE + 4, 2 * BITE - 1)
        await add(one, *(began(ANNA if at in theirs else BOB, f"b-{at}") for at in range(2 * BITE)))
        before = await rows(one)
        assert await CallEraser(cast(StoreConnection, Trims(one, 5)), one.keys).erase([ANNA]) == len(theirs)
        assert await rows(two) == [row for at, row in enumerate(before) if at >= 5 and at not in theirs]

    run_two(body)


def test_two_who_erase_at_once_wait_for_each_other(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await add(one, *(began((ANNA, BOB, LONGER)[at % 3], f"b-{at}") for at in range(2 * BITE)))
        await asyncio.gather(CallEraser(one.acts, one.keys).erase([ANNA]), CallEraser(two.acts, two.keys).erase([BOB]))
        found, _ = await stream_of(one).newest(2 * BITE)
        assert {names_of(record) for record in found} == {(LONGER,)} and len(found) == 2 * BITE // 3

    run_two(body)


def test_what_stands_there_can_be_changed_in_its_place(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await add(one, *(began((ANNA, BOB)[at % 2], f"b-{at}") for at in range(2 * BITE + 1)))
        before = await rows(one)
        eraser = CallEraser(one.acts, one.keys)
        changed = await eraser.rewrite(lambda at_s, payload: payload.replace(ANNA.encode(), b"~annas~pseud"))
        assert changed == BITE + 1
        assert await rows(two) == [
            (entry_id, data.replace(ANNA.encode(), b"~annas~pseud")) for entry_id, data in before
        ]
        assert await eraser.rewrite(lambda at_s, payload: payload) == 0

    run_two(body)


def test_who_never_ends_is_given_up_and_who_lost_the_lock_stops(
    run_two: RunTwo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_eraser, "PATIENCE_S", 0.2)

    async def body(one: RedisBook, two: RedisBook) -> None:
        await add(one, began(ANNA, "b-1"))
        lock = one.keys.calls_new + b":lock"
        await one.acts.send([("SET", lock, "other")])
        with pytest.raises(StoreError, match="does not end"):
            await CallEraser(two.acts, two.keys).erase([ANNA])
        script = (call_eraser.COPY, 3, one.keys.calls, one.keys.calls_new, lock)
        reply = (await two.acts.send([("EVAL", *script, "mine", 1000, "0", BITE)]))[0]
        assert isinstance(reply, StoreError) and len(await rows(one)) == 1

    run_two(body)
