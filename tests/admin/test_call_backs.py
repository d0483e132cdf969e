"""What people do with call-backs, on a store in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from asterisk_router.admin.call_backs import as_plain, close, closed_as_plain, listed, open_one, release, take
from asterisk_router.admin.ports import Shared
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.errors import RouterError
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.redis_keys import RedisKeys
from tests.callers.test_call_back import ANNA, AT_S, TERMS, call

NOW_S = AT_S + 600.0
BOB = Caller(("+421255500109",), "Bob", value=50)

Body = Callable[[Shared], Awaitable[None]]


@pytest.fixture
def play() -> Callable[[Body], None]:
    """Plays a body in a house that owes Anna, of a higher class, and Bob call-backs."""

    async def house(body: Body) -> None:
        book = CallBackBook(ProcessConnection(), RedisKeys(), clock=lambda: NOW_S)
        await book.missed(call("b", 0, BOB.numbers[0], queue="support"), BOB, TERMS)
        await book.missed(call("a", 60, queue="sales", head_start_s=300), ANNA, TERMS)
        nothing: object = None
        await body(Shared(MemoryBook([ANNA, BOB]), nothing, nothing, nothing, book, nothing, nothing, nothing))  # type: ignore[arg-type]

    return lambda body: asyncio.run(house(body))


Play = Callable[[Body], None]


def test_whoever_is_to_be_called_first_is_at_the_front(play: Play) -> None:
    async def body(shared: Shared) -> None:
        assert [entry.name for entry in await listed(shared.call_backs, NOW_S)] == ["Anna Nova", "Bob"]
        assert [entry.name for entry in await listed(shared.call_backs, NOW_S, queue="support")] == ["Bob"]
        await take(shared.call_backs, ANNA.numbers[0], "eva", 900)
        assert [entry.name for entry in await listed(shared.call_backs, NOW_S, due=True)] == ["Bob"]

    play(body)


def test_one_is_taken_by_one_person_at_a_time_and_given_back(play: Play) -> None:
    async def body(shared: Shared) -> None:
        for _ in range(2):
            assert (await take(shared.call_backs, ANNA.numbers[1], "eva", 900)).owner == "eva"
        with pytest.raises(RouterError, match="eva has it until"):
            await take(shared.call_backs, ANNA.numbers[0], "anna", 900)
        with pytest.raises(RouterError, match="eva has it, not anna"):
            await release(shared.call_backs, ANNA.numbers[0], "anna", NOW_S)
        assert as_plain(await release(shared.call_backs, ANNA.numbers[0], "eva", NOW_S), NOW_S)["owner"] == ""

    play(body)


def test_one_that_is_closed_says_by_whom_and_why_and_is_no_longer_there(play: Play) -> None:
    async def body(shared: Shared) -> None:
        await close(shared.call_backs, ANNA.numbers[1], "answered by mail", "eva")
        (settled,) = map(closed_as_plain, await shared.call_backs.closed(9))
        assert (settled["why"], settled["by"], settled["person"]) == ("answered by mail", "eva", ANNA.numbers[0])
        for act in (
            close(shared.call_backs, ANNA.numbers[1], "again", "eva"),
            take(shared.call_backs, ANNA.numbers[1], "eva", 900),
            release(shared.call_backs, ANNA.numbers[1], "eva", NOW_S),
        ):
            with pytest.raises(RouterError, match="no call-back is open"):
                await act

    play(body)


def test_one_opened_by_hand_is_asked_for_and_belongs_to_the_whole_person(play: Play) -> None:
    async def body(shared: Shared) -> None:
        await close(shared.call_backs, ANNA.numbers[0], "", "")
        opened = await open_one(shared, ANNA.numbers[1], TERMS, queue="sales", note="by mail", now_s=NOW_S)
        assert (opened.person, opened.number, opened.reason) == (*ANNA.numbers, "asked")
        assert (opened.note, opened.expires_at_s) == ("by mail", NOW_S + TERMS.expire_s)
        again = await open_one(shared, ANNA.numbers[0], TERMS, queue="sales", note="", now_s=NOW_S + 1)
        assert (again.missed, again.note) == (2, "by mail")

    play(body)
