"""Calls into Redis: the stream once, the history exactly, and listeners told; done again, nothing changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.callers.caller import HISTORY_RECENT, Caller, Tag
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Registered
from asterisk_router.callers.tags import add_tag
from asterisk_router.errors import StoreError, StoreUnavailableError
from asterisk_router.store.call_writer import CallWriter, nobody_listens
from asterisk_router.store.history_notes import Calls, Seen
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from tests.live.redis_server import RedisServer
from tests.store.conftest import RunTwo

AT_S, LINE = 1_780_000_000, "+12025550150"
ANN = Caller(numbers=("+12025550100",), name="Ann", tags=(Tag("vip", "import"),))
BOB = Caller(numbers=("+12025550101", "+12025550102", "+442079460100"), name="Bob")


def began(number: str, at_s: float = AT_S, uniqueid: str = "") -> BeganCall:
    return BeganCall(uniqueid or f"{at_s}-{number}", "", at_s, number, LINE)


def ended(number: str, at_s: float = AT_S, agent: str = "") -> EndedCall:
    outcome = "answered" if agent else "missed"
    return EndedCall(f"{at_s}-{number}", "", at_s, at_s + 9, number, LINE, outcome=outcome, agent=agent)


def not_seen(calls: Calls) -> None:
    return None


class Listener:
    """Remembers the ends it is told, and can fail."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Caller]] = []
        self.fault: Exception | None = None

    async def __call__(self, ended: EndedCall, caller: Caller) -> None:
        self.told.append((ended.uniqueid, caller))
        if self.fault is not None:
            raise self.fault


async def write(book: RedisBook, *records: Registered, seen_at=not_seen, on_ended=nobody_listens) -> CallWriter:
    writer = CallWriter(book.acts, book.keys, on_ended)
    await writer.write(records, seen_at)
    return writer


def test_a_first_call_makes_a_record_and_calls_add_up(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        calls = [began("+12025550110", AT_S + number) for number in range(HISTORY_RECENT + 4)]
        await write(one, *calls[:3])
        for call in calls[3:]:
            await write(other, call)
        history = (await one.show("+12025550110")).history
        assert (history.calls, history.first_at_s, history.last_at_s) == (HISTORY_RECENT + 4, AT_S, AT_S + 19)
        assert [call.at_s for call in history.recent] == [AT_S + number for number in range(4, 20)]

    run_two(body)


def test_written_again_after_a_kill_nothing_changes(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        records = [began("+12025550110"), began("", AT_S + 1), ended("+12025550110", agent="anna"), ended("", AT_S + 1)]
        await write(one, *records)
        before = await one.show("+12025550110")
        await write(other, *records)
        await write(other, *records[::-1])
        assert await one.show("+12025550110") == before
        assert (before.history.calls, before.history.last_agent) == (1, "anna")
        assert [call.outcome for call in before.history.recent] == ["answered"]
        assert len((await (await write(one)).stream.newest(10))[0]) == 4

    run_two(body)


def test_a_beginning_told_after_its_end_by_another_clock_is_counted_once(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        end = ended("+12025550110")._replace(uniqueid="b-1", began_at_s=AT_S + 1)
        await write(one, end)
        await write(other, began("+12025550110", uniqueid="b-1"))
        assert (await one.show("+12025550110")).history.calls == 1

    run_two(body)


def test_a_call_decided_anew_is_in_the_stream_and_no_further_call(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        first = began("+12025550111")
        anew = first._replace(choice="complaint", caller_class="complaint", at_s=first.at_s + 20)
        for _ in range(2):
            writer = await write(one, first, anew)
        assert (await writer.stream.newest(10))[0] == [first, anew]
        await write(other, ended("+12025550111", agent="anna"))
        history = (await one.show("+12025550111")).history
        assert (history.calls, [call.outcome for call in history.recent]) == (1, ["answered"])

    run_two(body)


def test_a_call_is_noted_under_every_number_of_the_person(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await one.save_many([BOB])
        await write(other, began(BOB.numbers[2]), began(BOB.numbers[1], AT_S + 1))
        for number in BOB.numbers:
            caller = await one.show(number)
            assert caller.history.calls == 2
            assert caller._replace(history=Caller.UNKNOWN.history) == BOB

    run_two(body)


def test_a_caller_at_hand_is_not_read_again_and_one_who_changed_loses_nothing(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await one.save_many([ANN])
        one.find(ANN.numbers[0], lambda caller, degraded: None)
        while (seen := one.last_seen(ANN.numbers[0])) is None:
            await asyncio.sleep(0.001)
        await write(one, began(ANN.numbers[0]), seen_at=lambda calls: seen)
        assert (await other.show(ANN.numbers[0])).history.calls == 1
        await other.update(ANN.numbers[0], lambda caller: add_tag(caller, Tag("debtor")))
        await write(one, began(ANN.numbers[0], AT_S + 5), seen_at=lambda calls: seen)
        caller = await other.show(ANN.numbers[0])
        assert {tag.name for tag in caller.tags} == {"vip", "debtor"}
        assert caller.history.calls == 2

    run_two(body)


def test_somebody_never_seen_is_at_hand_too(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await write(one, began("+12025550110"), seen_at=lambda calls: Seen(Caller.UNKNOWN, b""))
        assert (await other.show("+12025550110")).history.calls == 1

    run_two(body)


def test_whoever_waits_for_ends_is_told_with_the_caller_as_stored(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        await one.save_many([BOB])
        listener = Listener()
        number = BOB.numbers[1]
        await write(one, began(number), ended(number), ended("", AT_S + 5), on_ended=listener)
        assert [uniqueid for uniqueid, _ in listener.told] == [f"{AT_S}-{number}", f"{AT_S + 5}-"]
        assert listener.told[0][1] == await other.show(number)
        assert listener.told[1][1] == Caller.UNKNOWN

    run_two(body)


def test_a_listener_without_a_store_has_the_end_told_again_and_a_faulty_one_keeps_nobody(run_two: RunTwo) -> None:
    async def body(one: RedisBook, other: RedisBook) -> None:
        listener = Listener()
        listener.fault = StoreUnavailableError("away")
        with pytest.raises(StoreError, match="away"):
            await write(one, ended("+12025550110"), on_ended=listener)
        listener.fault = ZeroDivisionError("a fault of ours")
        writer = await write(one, ended("+12025550110"), ended("+12025550111"), on_ended=listener)
        assert (writer.faults, len(listener.told)) == (2, 3)

    run_two(body)


def test_a_record_nobody_can_read_costs_only_its_own_notes(redis_server: RedisServer, tmp_path: Path, caplog) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as book:
            await book.acts.send([("SET", book.keys.caller("+12025550100"), b"garbage")])
            listener = Listener()
            records = [ended("+12025550100"), began("+12025550101"), began("+12025550102")]
            broken = {records[2].number: Seen(Caller.UNKNOWN, b"")}
            await book.acts.send([("SET", book.keys.caller("+12025550102"), b"garbage")])
            writer = await write(book, *records, seen_at=lambda calls: broken.get(calls[0].number), on_ended=listener)
            assert writer.notes.dropped == 2
            assert (await book.show("+12025550101")).history.calls == 1
            assert await book.acts.send([("GET", book.keys.caller("+12025550100"))]) == [b"garbage"]
            assert listener.told == [(records[0].uniqueid, Caller(numbers=("+12025550100",)))]

    asyncio.run(body())
    assert "+12025550100" not in caplog.text


def test_a_server_that_refuses_to_write_is_told_as_an_error(tmp_path: Path) -> None:
    server = RedisServer(options=("--maxmemory", "1", "--maxmemory-policy", "noeviction")).start()

    async def body() -> None:
        async with await open_book(server.unix_url, state_dir=tmp_path) as book:
            with pytest.raises(StoreError, match="OOM"):
                await write(book, began("+12025550100"))
            await book.acts.send([("CONFIG", "SET", "maxmemory", "0")])
            await write(book, began("+12025550100"))
            assert (await book.show("+12025550100")).history.calls == 1

    try:
        asyncio.run(body())
    finally:
        server.stop()
