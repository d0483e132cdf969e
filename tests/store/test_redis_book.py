"""What every caller book must do: one body over memory, the store in the process, and Redis over three transports."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import uvloop

from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, PastCall, Tag
from asterisk_router.callers.caller_book import CallerBook
from asterisk_router.callers.history import note
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.callers.registered_call import BeganCall
from asterisk_router.callers.tags import add_tag
from asterisk_router.errors import TagError
from asterisk_router.policy.load import load
from asterisk_router.store.open_book import IN_PROCESS, open_book
from asterisk_router.wire.caller_record import encode
from asterisk_router.wire.incoming_call import IncomingCall
from tests.live.redis_server import RedisServer
from tests.store.mutants import mutant

ANN = Caller(numbers=("+12025550100",), name="Ann", tags=(Tag("vip", "import"),), value=900, language="en")
BOB = Caller(numbers=("+12025550101", "+12025550102", "+442079460100"), name="Bob", open_matters=("deal",))
AT_S = 1_780_000_000

Body = Callable[[CallerBook], Awaitable[None]]
Run = Callable[[Body], None]


@pytest.fixture(params=["memory", "process", "tcp", "tls", "unix", "unix on uvloop"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Runs a body on a fresh book of each kind."""
    url = ""
    if request.param == "process":
        url = IN_PROCESS
    elif request.param != "memory":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = getattr(server, f"{request.param.split()[0]}_url")

    async def play(body: Body) -> None:
        async with AsyncExitStack() as stack:
            book: CallerBook = MemoryBook()
            if url:
                book = await stack.enter_async_context(await open_book(url, state_dir=tmp_path, call_budget_s=5.0))
            await body(book)

    def start(body: Body) -> None:
        loop = uvloop.new_event_loop() if "uvloop" in request.param else asyncio.new_event_loop()
        try:
            loop.run_until_complete(play(body))
        finally:
            loop.close()

    return start


async def find(book: CallerBook, key: str) -> tuple[Caller, bool]:
    """What `find` tells, with a fault if it tells twice."""
    answered: asyncio.Future[tuple[Caller, bool]] = asyncio.get_running_loop().create_future()
    book.find(key, lambda caller, degraded: answered.set_result((caller, degraded)))
    return await asyncio.wait_for(answered, 30)


async def called(book: CallerBook, number: str) -> None:
    """Put a call into a history."""
    call = BeganCall("1780000000.0", "", AT_S, number, "+12025550150")
    await book.update(number, lambda caller: caller._replace(history=note(caller.history, call)))


async def every_number(book: CallerBook) -> list[str]:
    """Every number on record."""
    return [number async for caller in book.callers() for number in caller.numbers]


def test_nobody_is_unknown_and_not_degraded(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        assert await find(book, "+12025550199") == (Caller.UNKNOWN, False)
        assert await book.show("+12025550199") == Caller.UNKNOWN
        assert not await book.forget("+12025550199")

    run(body)


def test_a_saved_caller_is_found_by_every_number(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        assert await book.save_many([ANN, BOB]) == 2
        assert await find(book, "+12025550100") == (ANN, False)
        for number in BOB.numbers:
            assert await find(book, number) == (BOB, False)
        assert sorted(await every_number(book)) == sorted(ANN.numbers + BOB.numbers)

    run(body)


def test_many_look_ups_at_once_each_get_their_own_caller(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        callers = [Caller(numbers=(f"+1202555{n:04d}",), name=f"caller {n}") for n in range(300)]
        await book.save_many(callers)
        found = await asyncio.gather(*(find(book, caller.numbers[0]) for caller in callers))
        assert found == [(caller, False) for caller in callers]

    run(body)


def test_an_import_enriches_a_known_caller_and_keeps_history_and_tags(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([ANN])
        await called(book, "+12025550100")
        imported = Caller(numbers=ANN.numbers, tags=(Tag("partner"), Tag("vip", "second")), orders=4)
        assert await book.save_many([imported, BOB]) == 2
        caller = await book.show("+12025550100")
        assert (caller.name, caller.value, caller.orders, caller.language) == ("Ann", 900, 4, "en")
        assert set(caller.tags) == {Tag("partner"), Tag("vip", "second")}
        assert caller.history.recent == (PastCall(AT_S, "unknown", "+12025550150"),)
        assert await book.save_many([imported, BOB]) == 2
        assert await book.show("+12025550100") == caller
        assert await book.show(BOB.numbers[1]) == BOB

    run(body)


def test_the_same_new_caller_twice_in_one_import(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        first = Caller(numbers=ANN.numbers, tags=(Tag("vip"),))
        second = Caller(numbers=ANN.numbers, tags=(Tag("supplier"),), name="Ann")
        await book.save_many([first, second])
        assert (await book.show(ANN.numbers[0])).tags == (Tag("vip"), Tag("supplier"))

    run(body)


def test_update_reaches_all_numbers_and_makes_who_is_not_there(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([BOB])
        changed = await book.update(BOB.numbers[1], lambda caller: caller._replace(name="Robert"))
        assert changed == BOB._replace(name="Robert")
        for number in BOB.numbers:
            assert await find(book, number) == (changed, False)
        made = await book.update("+12025550120", lambda caller: add_tag(caller, Tag("supplier")))
        assert made == Caller(numbers=("+12025550120",), tags=(Tag("supplier"),))
        assert await book.show("+12025550120") == made

    run(body)


def test_a_change_that_is_refused_changes_nothing(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([ANN])
        with pytest.raises(TagError):
            await book.update(ANN.numbers[0], lambda caller: add_tag(caller, Tag("No Such Name")))
        assert await book.show(ANN.numbers[0]) == ANN

    run(body)


def test_numbers_can_be_added_given_up_and_led_by_another(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([ANN])
        numbers = ("+12025550130", *ANN.numbers)
        await book.update(ANN.numbers[0], lambda caller: caller._replace(numbers=numbers))
        for number in numbers:
            assert await book.show(number) == ANN._replace(numbers=numbers)
        await book.update(ANN.numbers[0], lambda caller: caller._replace(numbers=numbers[:1]))
        assert await book.show(numbers[0]) == ANN._replace(numbers=numbers[:1])
        assert await book.show(ANN.numbers[0]) == Caller.UNKNOWN
        assert await every_number(book) == [numbers[0]]

    run(body)


def test_a_number_of_somebody_else_joins_the_two(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([ANN, BOB])
        await called(book, BOB.numbers[1])
        numbers = (*ANN.numbers, BOB.numbers[1])
        joined = await book.update(ANN.numbers[0], lambda caller: caller._replace(numbers=numbers))
        assert set(joined.numbers) == {*ANN.numbers, *BOB.numbers}
        assert (joined.name, joined.open_matters, joined.history.calls) == ("Ann", ("deal",), 1)
        for number in joined.numbers:
            assert await book.show(number) == joined

    run(body)


def test_forget_removes_every_number(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([ANN, BOB])
        assert await book.forget(BOB.numbers[2])
        for number in BOB.numbers:
            assert await find(book, number) == (Caller.UNKNOWN, False)
        assert await every_number(book) == list(ANN.numbers)

    run(body)


def test_changes_at_the_same_time_are_all_kept(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        await book.save_many([BOB])
        names = [f"tag{n}" for n in range(20)]
        await asyncio.gather(
            *(
                book.update(BOB.numbers[n % 3], lambda caller, name=name: add_tag(caller, Tag(name)))  # type: ignore[misc]
                for n, name in enumerate(names)
            )
        )
        for number in BOB.numbers:
            assert sorted(tag.name for tag in (await book.show(number)).tags) == sorted(names)

    run(body)


def test_ranges_and_prefixes_are_tagged_and_untagged(run: Run) -> None:
    async def body(book: CallerBook) -> None:
        assert book.ranges.tags_of("+12025550120") == ()
        await book.tag_range("+12025550100", "+12025550149", Tag("inspector", "mary", "decree 7", trust=2))
        await book.tag_prefix("+1202", Tag("capital"))
        assert [tag.name for tag in book.ranges.tags_of("+12025550120")] == ["inspector", "capital"]
        assert book.ranges.tags_of("+12025550120")[0].evidence == "decree 7"
        await book.tag_prefix("+1202", Tag("capital", "john"))
        assert [tag.author for tag in book.ranges.tags_of("+12025550150")] == ["john"]
        assert await book.untag_range("+1202", "", "capital")
        assert not await book.untag_range("+1202", "", "capital")
        assert book.ranges.tags_of("+12025550150") == ()
        with pytest.raises(TagError):
            await book.tag_range("+12025550149", "+12025550100", Tag("inspector"))

    run(body)


def test_ten_thousand_damaged_records_are_valid_callers_or_counted_and_nobody_is_somebody_else(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    policy, chance = load("shop"), random.Random(1)
    numbers = [f"+1202{n:07d}" for n in range(10_000)]
    valid = 0

    async def body() -> None:
        nonlocal valid
        async with await open_book(redis_server.unix_url, state_dir=tmp_path, call_budget_s=5.0) as book:
            path = CallPath(policy, book, book.ranges)
            await book.acts.send([("SET", book.keys.caller(number), mutant(number, chance)) for number in numbers])
            for number in numbers:
                caller, degraded = await find(book, number)
                assert caller is Caller.UNKNOWN if degraded else number in caller.numbers
                if degraded:
                    continue
                valid += 1
                call = IncomingCall(caller_number=number, called_number="+42120550000")
                assert path.decide(call, policy.numbering.normalise(number), caller, AT_S).caller_class
                began = BeganCall("b-1.1", "b-1.1", float(AT_S), number, "+42120550000")
                encode(caller._replace(history=note(caller.history, began)))  # and its history goes on
            assert book.degraded == {"record unreadable": len(numbers) - valid}

    asyncio.run(body())
    assert 500 < valid < 9500
