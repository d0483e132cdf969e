"""The marks of those who were forgotten, in every kind of store."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.callers.registered_call import BeganCall, EndedCall
from asterisk_router.errors import StoreError
from asterisk_router.store import forgotten as module
from asterisk_router.store.call_stream import FORGOTTEN, NEW, SEEN_S, CallStream
from asterisk_router.store.call_writer import CallWriter
from asterisk_router.store.forgotten import CLOCKS_S, Forgotten, Heard
from asterisk_router.store.history_notes import Seen
from asterisk_router.store.pseudonyms import Pseudonyms
from asterisk_router.store.redis_book import RedisBook
from tests.store.conftest import RunTwo

ANNA, BOB = "+12025550100", "+12025550101"
HIDE = Pseudonyms(b"k" * 32)


def marks_of(book: RedisBook, hide: Pseudonyms = HIDE) -> Forgotten:
    return Forgotten(book.acts, book.keys, hide)


def began(number: str, at_s: float, uniqueid: str = "b-1") -> BeganCall:
    return BeganCall(uniqueid, "", at_s, number, "")


def test_a_mark_covers_what_began_before_it(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        now_s = time.time()
        until_s = await marks_of(one).mark([ANNA], now_s)
        marks = marks_of(two)
        assert not marks.covers(ANNA, now_s)  # not read yet
        assert await marks.read() == {HIDE.of(ANNA): until_s}
        assert until_s == now_s + CLOCKS_S
        assert marks.covers(ANNA, now_s) and marks.covers(ANNA, until_s)
        assert not marks.covers(ANNA, until_s + 0.001) and not marks.covers(BOB, now_s) and not marks.covers("", now_s)

    run_two(body)


def test_a_mark_goes_when_nothing_can_be_reported_so_late(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await marks_of(one).mark([ANNA], time.time() - SEEN_S - CLOCKS_S - 1)
        assert await marks_of(two).read() == {}
        assert (await one.acts.send([("EXISTS", one.keys.forgotten)]))[0] == 0

    run_two(body)


def test_marks_that_are_none_are_removed_and_keep_no_call_out(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        damaged = ("soon", "", "nan", "1 2")
        for number, text in zip((ANNA, BOB, "+12025550102", "+12025550103"), damaged, strict=True):
            await one.acts.send([("HSET", one.keys.forgotten, HIDE.of(number), text)])
            await one.acts.send([("HSET", one.keys.forgetters, number, text)])
            replies = await one.acts.send(
                [CallStream(one.acts, one.keys, pseudonym_of=HIDE.of).add(began(number, 5.0, number))]
            )
            assert replies == [NEW]
        assert await marks_of(two).read() == {}
        assert await marks_of(two).heard(1.0) == Heard(0, 0)
        assert (await one.acts.send([("EXISTS", one.keys.forgotten, one.keys.forgetters)]))[0] == 0

    run_two(body)


@pytest.mark.parametrize("apart_s", [-3600.0, 3600.0])
def test_a_daemon_whose_clock_is_wrong_lives_all_the_same(
    run_two: RunTwo, monkeypatch: pytest.MonkeyPatch, apart_s: float
) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        with monkeypatch.context() as there:
            there.setattr(module, "time", SimpleNamespace(time=lambda: time.time() + apart_s))
            await marks_of(one).say_clean("wien-1", 5.0)
        assert await marks_of(two).heard(5.0) == Heard(1, 0)
        with monkeypatch.context() as later:
            later.setattr(module, "ALIVE_S", -1.0)
            assert await marks_of(two).heard(5.0) == Heard(0, 0)

    run_two(body)


def test_one_key_for_one_redis(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await marks_of(one).check_key()
        await marks_of(two).check_key()
        with pytest.raises(StoreError, match="copy pseudonym-key"):
            await marks_of(two, Pseudonyms(b"o" * 32)).check_key()

    run_two(body)


def test_daemons_that_live_are_counted(run_two: RunTwo, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        marks = marks_of(one)
        for daemon, clean_s in (("a", 7.0), ("b", 8.0), ("c", 6.0), ("d", 0.0)):
            await marks.say_clean(daemon, clean_s)
        await marks.leave("d")
        assert await marks_of(two).heard(7.0) == Heard(2, 1)
        monkeypatch.setattr(module, "ALIVE_S", -1.0)
        assert await marks_of(two).heard(7.0) == Heard(0, 0)
        assert (await one.acts.send([("EXISTS", one.keys.forgetters)]))[0] == 0

    run_two(body)


def test_a_marked_caller_comes_into_the_stream_by_no_late_report(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        now_s = time.time()
        stream = CallStream(one.acts, one.keys, pseudonym_of=HIDE.of)
        await marks_of(two).mark([ANNA], now_s)
        late = EndedCall("b-1", "", now_s - 60, now_s + 60, ANNA, "")
        calls = [began(ANNA, now_s - 60), late, began(ANNA, now_s + CLOCKS_S + 1, "b-2"), began(BOB, now_s, "b-3")]
        assert await one.acts.send([stream.add(call) for call in calls]) == [FORGOTTEN, FORGOTTEN, NEW, NEW]

    run_two(body)


@pytest.mark.parametrize("at_hand", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_a_marked_caller_gets_no_history_and_no_call_back(run_two: RunTwo, at_hand: bool, known: bool) -> None:
    """Whether or not the call found its caller before they were forgotten."""

    async def body(one: RedisBook, two: RedisBook) -> None:
        told = []

        async def on_ended(ended: EndedCall, caller: Caller) -> None:
            told.append(ended.uniqueid)

        now_s, seen = time.time(), Seen(Caller.UNKNOWN, b"")
        if known:
            await one.update(ANNA, lambda caller: caller._replace(name="Anna"))
            seen = Seen(await one.show(ANNA), (await one.acts.send([("GET", one.keys.caller(ANNA))]))[0])
        writer = CallWriter(one.acts, one.keys, on_ended, forgotten=marks_of(one))
        await marks_of(two).mark([ANNA], now_s)
        await two.forget(ANNA)
        records = [began(ANNA, now_s - 1), EndedCall("b-1", "", now_s - 1, now_s, ANNA, "", outcome="missed")]
        await writer.write(records, lambda calls: seen if at_hand else None)
        assert await two.show(ANNA) == Caller.UNKNOWN and told == []
        later = began(ANNA, now_s + CLOCKS_S + 1, "b-2")
        await writer.write([records[0], later], lambda calls: Seen(Caller.UNKNOWN, b"") if at_hand else None)
        assert (await two.show(ANNA)).history.calls == 1

    run_two(body)


def test_forgetting_costs_nothing_while_nobody_is() -> None:
    class Never(Pseudonyms):
        def of(self, number: str) -> str:
            raise AssertionError("a hash for nothing")

    assert not Forgotten(None, None, Never(b"")).covers(ANNA, 0.0)  # type: ignore[arg-type]
