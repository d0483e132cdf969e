"""What is past its time goes, in every kind of store, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from asterisk_router.callers.call_back import CallBack, ClosedCallBack
from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.callers.retention import DAY_S, Keep
from asterisk_router.errors import StoreError
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.call_eraser import CallEraser
from asterisk_router.store.call_stream import CallStream
from asterisk_router.store.forgotten import Forgotten
from asterisk_router.store.pseudonyms import Pseudonyms
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.store.retention import LetGo, Retention
from asterisk_router.wire.call_back_record import encode_closed
from asterisk_router.wire.call_record import encode
from tests.store.conftest import RunTwo

ANNA, BOB = "+12025550100", "+12025550101"
HIDE = Pseudonyms(b"k" * 32)
NOW_S = 2_000_000_000


def days_ago(days: int) -> int:
    return NOW_S - days * DAY_S


def retention(book: RedisBook, **keep: int) -> Retention:
    return Retention(book, Forgotten(book.acts, book.keys, HIDE), Keep(**keep), lambda: NOW_S)


async def add(book: RedisBook, days: int, *records: Registered) -> None:
    """Records that came into the stream so many days ago."""
    for at, record in enumerate(records):
        await book.acts.send([("XADD", book.keys.calls, f"{days_ago(days) * 1000}-{at + 1}", "c", encode(record))])


def calls_of(number: str, name: str) -> tuple[BeganCall, EndedCall]:
    began = BeganCall(name, "", 1.0, number, "", reason="classify x:1", facts="value=7")
    return began, EndedCall(name, "", 1.0, 2.0, number, "", call_back_id=number)


async def records(book: RedisBook) -> list[Any]:
    return (await CallStream(book.acts, book.keys).newest(100))[0]


def test_numbers_and_facts_of_old_calls_go_and_calls_of_one_number_still_belong_together(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await add(one, 100, *calls_of(ANNA, "b-1"), *calls_of(BOB, "b-2"), Gap(1, 1.0, 2.0), *calls_of("", "b-3"))
        await add(one, 40, *calls_of(ANNA, "b-4"))
        await add(one, 1, *calls_of(ANNA, "b-5"))
        assert await retention(two, numbers=90, facts=30).let_go() == LetGo(records=6)
        found = await records(two)
        assert [getattr(each, "number", None) for each in found] == [
            HIDE.of(ANNA), HIDE.of(ANNA), HIDE.of(BOB), HIDE.of(BOB), None, "", "", ANNA, ANNA, ANNA, ANNA,
        ]  # fmt: skip
        assert [each.facts for each in found if isinstance(each, BeganCall)] == ["", "", "", "", "value=7"]
        assert [each.reason for each in found if isinstance(each, BeganCall)] == ["classify x:1"] * 5
        assert found[1].call_back_id == HIDE.of(ANNA) and found[8].call_back_id == ANNA
        assert await retention(one, numbers=90, facts=30).let_go() == LetGo()
        assert await CallEraser(one.acts, one.keys).erase([ANNA, HIDE.of(ANNA)]) == 6
        assert ANNA not in str(await records(one)) and len(await records(one)) == 5

    run_two(body)


def test_histories_and_expired_tags_go(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        old = History(1, days_ago(50), days_ago(50))
        tags = (Tag("vip", evidence="x", expires_at_s=days_ago(40)), Tag("supplier"))
        for caller in (Caller((ANNA,), "Anna", tags, history=old), Caller((BOB, "+12025550102"), history=old)):
            await one.update(caller.numbers[0], lambda known, caller=caller: caller)  # type: ignore[misc]
        assert await retention(two, history=30, evidence=30).let_go() == LetGo(callers=2)
        assert await two.show(ANNA) == Caller((ANNA,), "Anna", tags[1:])
        assert [await two.show(number) for number in (BOB, "+12025550102")] == [Caller.UNKNOWN] * 2

    run_two(body)


def test_damaged_records_stay_are_counted_and_keep_nobody_else(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        old = History(1, days_ago(50), days_ago(50))
        await one.update(BOB, lambda known: Caller((BOB,), history=old))
        damaged = ("SET", one.keys.caller(ANNA), b"\xc1"), ("RPUSH", one.keys.caller("+12025550102"), b"a list")
        await one.acts.send([*damaged])
        gone = await retention(two, history=30).let_go()
        assert gone._replace(unreadable=()) == LetGo(callers=1)
        assert sorted(gone.unreadable) == [ANNA, "+12025550102"]
        assert await two.show(BOB) == Caller.UNKNOWN
        assert (await one.acts.send([("GET", one.keys.caller(ANNA))]))[0] == b"\xc1"

    run_two(body)


def test_settled_call_backs_go(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        for days in (50, 10):
            closed = ClosedCallBack(CallBack(ANNA, (ANNA,)), float(days_ago(days)), "called back", "eva")
            await one.acts.send([("LPUSH", one.keys.call_backs_closed, encode_closed(closed))])
        await one.acts.send([("LPUSH", one.keys.call_backs_closed, b"of another release")])
        assert await retention(two, call_backs=30).let_go() == LetGo(call_backs=1)
        closed_ones = await CallBackBook(two.acts, two.keys).closed(9)
        assert [each.at_s for each in closed_ones] == [days_ago(10)]
        assert (await one.acts.send([("LLEN", one.keys.call_backs_closed)]))[0] == 2

    run_two(body)


def test_nothing_is_hidden_by_a_key_that_is_not_the_others(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        assert await retention(one).due()
        other = Forgotten(two.acts, two.keys, Pseudonyms(b"o" * 32))
        with pytest.raises(StoreError, match="copy pseudonym-key"):
            await Retention(two, other, Keep(), lambda: NOW_S).due()

    run_two(body)


def test_one_daemon_does_it_once_a_day(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        assert await retention(one).due() and not await retention(two).due() and not await retention(one).due()
        ttl_s = (await one.acts.send([("TTL", one.keys.kept)]))[0]
        assert 80_000 < ttl_s < DAY_S

    run_two(body)
