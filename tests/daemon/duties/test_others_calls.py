"""What other daemons decided is known to the one that leads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from time import time

import pytest

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Registered
from asterisk_router.daemon.duties import others_calls
from asterisk_router.daemon.duties.others_calls import BITE, OPEN_S, OthersCalls
from asterisk_router.errors import StoreUnavailableError
from asterisk_router.store.call_stream import FIELD, CallStream
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.wire.call_record import encode
from tests.store.conftest import RunTwo, run_two

__all__ = ["run_two"]

NOW_S = time()


def began(uniqueid: str, caller_class: str = "vip") -> BeganCall:
    return BeganCall(uniqueid, uniqueid, NOW_S, "+12025550100", "100", caller_class)


def ended(uniqueid: str) -> EndedCall:
    return EndedCall(uniqueid, uniqueid, NOW_S, NOW_S + 9, "+12025550100", "100")


async def register(book: RedisBook, *records: Registered) -> None:
    """What another daemon's registry does."""
    await book.acts.send([("XADD", book.keys.calls, "*", FIELD, encode(record)) for record in records])


def test_calls_that_began_and_did_not_end_are_known(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        others = OthersCalls(CallStream(two.acts, two.keys))
        await register(one, began("a"), began("b"), ended("b"))
        await others.turn(NOW_S)
        assert [others.of(each).caller_class for each in ("a", "b", "c")] == ["vip", "", ""]
        assert others.callers() == {"+12025550100"}
        await register(one, ended("a"), began("c", "low"))
        await others.turn(NOW_S)
        assert [others.of(each).caller_class for each in ("a", "b", "c")] == ["", "", "low"]
        await others.turn(NOW_S)
        assert others.of("c").caller_class == "low"
        await register(one, began("c", "complaint")._replace(choice="complaint"))
        await others.turn(NOW_S)
        assert others.of("c").caller_class == "complaint", "who may be asked to make room is said anew"

    run_two(body)


def test_a_stretch_nobody_here_can_read_is_passed_over(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        others = OthersCalls(CallStream(two.acts, two.keys))
        await one.acts.send([("XADD", one.keys.calls, "*", FIELD, b"of another release")] * (BITE + 1))
        await register(one, began("a"))
        for _ in range(2):
            await others.turn(NOW_S)
        assert others.of("a").caller_class == "vip"

    run_two(body)


def test_a_store_that_is_away_changes_nothing_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    class Away:
        async def after(self, position: str, most: int) -> tuple[Sequence[Registered], str]:
            raise StoreUnavailableError("away")

    others = OthersCalls(Away())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            asyncio.run(others.turn(NOW_S))
    assert len(caplog.records) == 1


def test_who_begins_to_lead_catches_up_at_once(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        others = OthersCalls(CallStream(two.acts, two.keys))
        await register(one, *(began(str(at)) for at in range(3 * BITE + 1)))
        await others.turn(NOW_S)
        assert others.of(str(3 * BITE)).caller_class == "vip"

    run_two(body)


def test_a_call_whose_end_nobody_tells_does_not_count_for_ever(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        others = OthersCalls(CallStream(two.acts, two.keys))
        await register(one, began("a"))
        for at_s, open_still in ((NOW_S, True), (NOW_S + OPEN_S, True), (NOW_S + OPEN_S + 1, False)):
            await others.turn(at_s)
            assert bool(others.callers()) is open_still

    run_two(body)


def test_not_more_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Many:
        async def after(self, position: str, most: int) -> tuple[Sequence[Registered], str]:
            return [began(str(at)) for at in range(3)], "2-0"

    monkeypatch.setattr(others_calls, "OPEN_MAX", 2)
    others = OthersCalls(Many())
    asyncio.run(others.turn(NOW_S))
    assert [others.of(str(at)).caller_class for at in range(3)] == ["", "vip", "vip"]
