"""Call-backs in the store: one body over the store in the process and a real Redis; races of two processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from asterisk_router.callers.call_back import CallBack, Miss, news_of
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.registered_call import EndedCall
from asterisk_router.store import call_backs
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.open_book import IN_PROCESS, open_book
from asterisk_router.store.redis_keys import RedisKeys
from tests.callers.test_call_back import ANNA, AT_S, TERMS, after, call, shuffled
from tests.live.redis_server import RedisServer

Body = Callable[[CallBackBook], Awaitable[None]]
Run = Callable[[Body], None]


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now_s = AT_S + 600

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """Ten minutes after the day began."""
    return Clock()


@pytest.fixture(params=["process", "redis"])
def run(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Run:
    """Runs a body on fresh call-backs of each kind."""
    server: RedisServer | None = request.getfixturevalue("redis_server") if request.param == "redis" else None

    async def play(body: Body) -> None:
        async with await open_book(server.unix_url if server else IN_PROCESS, state_dir=tmp_path) as book:
            await body(CallBackBook(book.acts, book.keys, clock=clock))

    return lambda body: asyncio.run(play(body))


def test_a_missed_call_opens_one_entry_and_another_of_the_person_joins_it(run: Run) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        await book.missed(call("b", 60, ANNA.numbers[1]), ANNA, TERMS)
        joined = await book.missed(call("a", 0), ANNA, TERMS)
        assert await book.entries() == [joined]
        assert (joined.person, joined.missed, joined.number) == (ANNA.numbers[0], 2, ANNA.numbers[1])

    run(body)


def test_a_call_without_a_number_opens_nothing(run: Run) -> None:
    async def body(book: CallBackBook) -> None:
        assert await book.missed(call("a", 0, ""), Caller.UNKNOWN, TERMS) is CallBack.CLOSED
        assert await book.contacted(call("a", 0, ""), Caller.UNKNOWN, TERMS) is CallBack.CLOSED
        assert await book.entries() == []

    run(body)


@pytest.mark.parametrize("late", [False, True])
def test_a_later_conversation_by_another_number_closes_it_whichever_is_told_first(run: Run, late: bool) -> None:
    async def body(book: CallBackBook) -> None:
        spoke = book.contacted(call("b", 120, ANNA.numbers[1], outcome="answered"), ANNA, TERMS)
        missed = book.missed(call("a", 0), ANNA, TERMS)
        for news in (spoke, missed) if late else (missed, spoke):
            await news
        assert await book.entries() == []
        again = await book.missed(call("c", 300), ANNA, TERMS)
        assert (again.missed, again.opened_at_s) == (1, AT_S + 300)

    run(body)


def test_a_call_back_that_was_answered_closes_the_entry_of_the_person_it_was_for(run: Run) -> None:
    async def body(book: CallBackBook) -> None:
        entry = await book.missed(call("a", 0), ANNA, TERMS)
        made = call("out", 300, direction="out", outcome="answered", call_back_id=entry.person, number="")
        await book.contacted(made, Caller.UNKNOWN, TERMS)
        assert await book.entries() == []

    run(body)


def test_news_older_than_a_call_back_lives_open_nothing(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        clock.now_s = AT_S + TERMS.expire_s
        assert await book.missed(call("a", 0), ANNA, TERMS) is CallBack.CLOSED
        assert await book.entries() == []

    run(body)


def test_when_two_persons_turn_out_to_be_one_their_entries_are_one(run: Run) -> None:
    async def body(book: CallBackBook) -> None:
        home, mobile = Caller(("+421255500102",)), Caller(("+421255500103",))
        await book.missed(call("a", 0, home.numbers[0]), home, TERMS)
        await book.missed(call("b", 9, mobile.numbers[0]), mobile, TERMS)
        assert len(await book.entries()) == 2
        await book.missed(call("c", 20, home.numbers[0]), Caller((*mobile.numbers, *home.numbers)), TERMS)
        (entry,) = await book.entries()
        assert (entry.person, entry.missed) == (mobile.numbers[0], 3)
        await book.contacted(call("d", 90, home.numbers[0], outcome="answered"), home, TERMS)
        assert await book.entries() == [entry], "a daemon that does not know yet cannot close what it does not see"
        await book.contacted(call("e", 91, mobile.numbers[0], outcome="answered"), mobile, TERMS)
        assert await book.entries() == []

    run(body)


def test_one_owner_at_a_time_until_the_lease_runs_out(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        assert (await book.take(ANNA.numbers[1], "anna", 900)).owner == "anna"
        assert (await book.take(ANNA.numbers[0], "eva", 900)).owner == "anna"
        assert await book.dial(ANNA.numbers[0], "berlin/1", 900, TERMS) is CallBack.CLOSED
        assert (await book.release(ANNA.numbers[0], "eva")).owner == "anna"
        clock.now_s += 900
        assert (await book.take(ANNA.numbers[0], "eva", 900)).owner == "eva"
        assert (await book.release(ANNA.numbers[0], "eva")).owner == ""
        assert await book.take("+421255500199", "eva", 900) is CallBack.CLOSED

    run(body)


def test_attempts_are_counted_once_and_bounded(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        for attempt in range(1, TERMS.attempts + 1):
            entry = await book.dial(ANNA.numbers[0], f"berlin/{attempt}", 60, TERMS)
            assert (entry.attempts, entry.owner) == (attempt, f"berlin/{attempt}")
            in_vain = call(f"out-{attempt}", clock.now_s - AT_S, direction="out", call_back_id=entry.person)
            for _ in range(2):
                await book.tried(in_vain, ANNA, TERMS)
            assert await book.dial(ANNA.numbers[0], "hamburg/1", 60, TERMS) is CallBack.CLOSED
            clock.now_s += 60 + TERMS.pause_s
        assert await book.entries() == []
        assert await book.missed(call("a", 0), ANNA, TERMS) is CallBack.CLOSED, "told twice, given up already"

    run(body)


def test_an_attempt_that_rang_nobody_is_taken_back(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        await book.dial(ANNA.numbers[0], "berlin/1", 900, TERMS)
        entry = await book.undo(ANNA.numbers[0], "berlin/1", 60)
        assert (entry.attempts, entry.owner) == (0, "")

    run(body)


def test_closed_by_hand_for_the_calls_known_by_then(run: Run) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        assert (await book.close(ANNA.numbers[1], "wrote", "eva")).missed == 1
        assert await book.close(ANNA.numbers[1], "wrote", "eva") is CallBack.CLOSED
        assert await book.missed(call("a", 0), ANNA, TERMS) is CallBack.CLOSED
        assert (await book.missed(call("b", 1), ANNA, TERMS)).missed == 1

    run(body)


def test_what_is_over_is_given_up(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        later = await book.missed(call("b", 500, "+421255500109"), Caller.UNKNOWN, TERMS)
        assert await book.expire(TERMS) == []
        clock.now_s = AT_S + TERMS.expire_s
        assert [entry.person for entry in await book.expire(TERMS)] == [ANNA.numbers[0]]
        assert await book.entries() == [later]

    run(body)


def test_what_became_of_settled_ones_is_remembered_newest_first(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        somebody = ("+421255500109", Caller.UNKNOWN)
        answered = call("b", 30, outcome="answered", direction="out", agent="anna")
        for uniqueid, settle in (
            ("a", lambda: book.contacted(answered, ANNA, TERMS)),
            ("c", lambda: book.close(ANNA.numbers[0], "wrote a letter", "eva")),
        ):
            await book.missed(call(uniqueid, len(await book.closed(9)) * 60), ANNA, TERMS)
            await settle()
        await book.missed(call("d", 0, somebody[0]), somebody[1], TERMS)
        clock.now_s = AT_S + TERMS.expire_s
        await book.expire(TERMS)
        settled = [(closed.entry.person, closed.why, closed.by) for closed in await book.closed(9)]
        assert settled == [
            (somebody[0], "expired", ""),
            (ANNA.numbers[0], "wrote a letter", "eva"),
            (ANNA.numbers[0], "called back", "anna"),
        ]

    run(body)


def test_asked_for_by_hand_takes_nothing_from_what_is_owed_already(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        owed = await book.missed(call("a", 0, caller_class="vip", head_start_s=480, queue="sales"), ANNA, TERMS)
        by_hand = Miss("by-hand-1", ANNA.numbers[1], clock.now_s, clock.now_s, asked=True)
        entry = CallBack(ANNA.numbers[0], ANNA.numbers, "Anna Nova", queue="support", misses=(by_hand,), missed=1)
        known = await book.put(entry._replace(expires_at_s=clock.now_s + 60))
        assert (known.caller_class, known.head_start_s, known.line) == ("vip", 480, owed.line)
        assert (known.queue, known.reason, known.missed) == ("support", "asked", 2)

    run(body)


def test_one_entry_nobody_here_can_read_keeps_no_other_from_being_given_up(run: Run, clock: Clock) -> None:
    async def body(book: CallBackBook) -> None:
        for who in (ANNA, Caller(("+421255500109",), "Boris")):
            await book.missed(call("a" + who.name, 0, who.numbers[0]), who, TERMS)
        await book._writer.send([("HSET", RedisKeys().call_backs, ANNA.numbers[1], b"of a newer release")])
        clock.now_s = AT_S + TERMS.expire_s
        assert [entry.name for entry in await book.expire(TERMS)] == ["Boris"]

    run(body)


def test_who_is_to_be_forgotten_leaves_nothing(run: Run) -> None:
    async def body(book: CallBackBook) -> None:
        other = Caller(("+421255500109",), "Boris")
        for who in (ANNA, other):
            await book.missed(call("a" + who.name, 0, who.numbers[0]), who, TERMS)
            await book.contacted(call("b" + who.name, 30, who.numbers[0], outcome="answered"), who, TERMS)
            await book.missed(call("c" + who.name, 60, who.numbers[0]), who, TERMS)
        assert await book.erase([ANNA.numbers[1]]) == 2
        assert [entry.name for entry in await book.entries()] == ["Boris"]
        assert [closed.entry.name for closed in await book.closed(9)] == ["Boris"]
        again = await book.missed(call("a" + ANNA.name, 0), ANNA, TERMS)
        assert again.is_open, "nothing tells any more that they were spoken with"
        assert await book.erase(ANNA.numbers) == 1
        assert await book.erase(ANNA.numbers) == 0

    run(body)


def test_only_the_latest_settled_ones_are_remembered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(book: CallBackBook) -> None:
        for at in range(3):
            await book.missed(call(f"a{at}", at), ANNA, TERMS)
            await book.close(ANNA.numbers[0], f"letter {at}", "eva")
        assert [closed.why for closed in await book.closed(9)] == ["letter 2", "letter 1"]

    monkeypatch.setattr(call_backs, "CLOSED_KEPT", 2)
    run(body)


@settings(max_examples=25, deadline=None)
@given(shuffled())
def test_the_same_news_in_any_order_leave_the_same_entry(news: tuple[list[EndedCall], list[EndedCall]]) -> None:
    async def left_by(ends: list[EndedCall]) -> list[CallBack]:
        book = CallBackBook(ProcessConnection(), RedisKeys(), clock=lambda: AT_S + 600)
        for ended in ends:
            await (book.missed if news_of(ended) == "missed" else book.contacted)(ended, ANNA, TERMS)
        return await book.entries()

    async def both() -> None:
        in_order = after(*news[0])
        expected = [in_order] if in_order.is_open else []
        assert await left_by(news[0]) == await left_by(news[1]) == expected

    asyncio.run(both())


@pytest.mark.parametrize("run", ["redis"], indirect=True)
def test_many_unreadable_entries_are_one_line_in_the_log(
    run: Run, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def body(book: CallBackBook) -> None:
        for turn in range(3):
            for number in range(100):
                redis_server.command("HSET", RedisKeys().call_backs, f"+42125550{number:04}", f"garbage {turn}")
            assert await book.entries() == [] and book.unreadable == 100
        assert len(caplog.messages) == 1 and caplog.messages[0].endswith("; and 99 more like it")

    run(body)


@pytest.mark.parametrize("run", ["redis"], indirect=True)
def test_an_unreadable_entry_is_counted_left_alone_and_can_be_removed(run: Run, redis_server: RedisServer) -> None:
    async def body(book: CallBackBook) -> None:
        await book.missed(call("a", 0), ANNA, TERMS)
        redis_server.command("HSET", RedisKeys().call_backs, "+421255500109", b"garbage")
        assert [entry.person for entry in await book.entries()] == [ANNA.numbers[0]]
        assert book.unreadable == 1
        await book.close("+421255500109", "", "")
        await book.entries()
        assert book.unreadable == 0

    run(body)
