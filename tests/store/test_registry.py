"""The registry over a real journal and a real Redis: nothing lost, nothing twice, whatever is away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.errors import StoreError
from asterisk_router.store import history_notes
from asterisk_router.store import registry as registry_module
from asterisk_router.store.journal import journal as journal_module
from asterisk_router.store.journal.journal import Journal
from asterisk_router.store.open_book import IN_PROCESS, open_book
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.store.registry import Registry
from tests.live.redis_server import RedisServer
from tests.store.journal.test_journal import no_room

AT_S, LINE = 1_780_000_000, "+12025550150"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "RETRY_S", 0.05)
    monkeypatch.setattr(journal_module, "RETRY_S", 0.01)


@pytest.fixture
def server() -> AsyncIterator[RedisServer]:
    """A Redis server of this test alone, to be stopped and started."""
    server = RedisServer().start()
    yield server
    server.stop()


class Open:
    """An open registry with its book."""

    def __init__(self, book: RedisBook, journal: Journal, registry: Registry, told: list[str]) -> None:
        self.book, self.journal, self.registry, self.told = book, journal, registry, told

    async def stream(self) -> list[Registered]:
        return (await self.registry.stream.newest(100_000))[0]


@asynccontextmanager
async def opened(url: str, root: Path, memory_max: int = 20_000) -> AsyncIterator[Open]:
    told: list[str] = []

    async def on_ended(ended: EndedCall, caller: Caller) -> None:
        told.append(ended.uniqueid)

    async with await open_book(url, state_dir=root, wait_s=0.5, call_budget_s=5.0) as book:
        journal = Journal(root / "journal", memory_max=memory_max)
        registry = Registry(journal, book.acts, book.keys, last_seen=book.last_seen, on_ended=on_ended)
        registry.open()
        try:
            yield Open(book, journal, registry, told)
        finally:
            await registry.close(0.2)


def began(number: int) -> BeganCall:
    return BeganCall(f"b-{number}", "", AT_S + number, f"+1202555{number % 20:04d}", LINE)


def ended(number: int) -> EndedCall:
    return EndedCall(f"b-{number}", "", AT_S + number, AT_S + number + 9, f"+1202555{number % 20:04d}", LINE)


def names(records: list[Registered]) -> Counter[str]:
    return Counter(f"{type(record).__name__} {getattr(record, 'uniqueid', '')}" for record in records)


def all_of(numbers: range) -> Counter[str]:
    return Counter(f"{kind} b-{number}" for number in numbers for kind in ("BeganCall", "EndedCall"))


async def calls_in_histories(book: RedisBook) -> int:
    return sum([caller.history.calls async for caller in book.callers()])


def tell(registry: Registry, numbers: range) -> None:
    for number in numbers:
        registry.began(began(number))
        registry.ended(ended(number)._replace(outcome="answered", agent="anna"))


@pytest.mark.parametrize("url", ["", IN_PROCESS])
def test_every_call_is_in_the_stream_and_in_its_history(redis_server: RedisServer, tmp_path: Path, url: str) -> None:
    async def body() -> None:
        async with opened(url or redis_server.unix_url, tmp_path) as site:
            tell(site.registry, range(100))
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(100))
            assert site.told == [f"b-{number}" for number in range(100)]
            assert await calls_in_histories(site.book) == 100
            assert (await site.book.show("+12025550003")).history.last_agent == "anna"
            assert (site.registry.journaled, site.registry.drained) == (200, 200)
            assert (site.registry.waiting, site.registry.gaps) == (0, 0)

    asyncio.run(body())


def test_that_a_caller_cannot_be_changed_is_said_without_the_number(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            with monkeypatch.context() as others:
                others.setattr(site.registry._writer.notes._writer, "change", others_were_quicker)
                others.setattr(history_notes, "compare_and_set", lambda key, seen, record: ("ECHO", b"changed"))
                tell(site.registry, range(1))
                while "wait to be registered" not in caplog.text:
                    await asyncio.sleep(0.005)
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(1))
        assert "others changed it" in caplog.text and began(0).number not in caplog.text

    async def others_were_quicker(number: str, change: object) -> None:
        raise StoreError("others changed it", where=number)

    asyncio.run(body())


def test_what_is_not_registered_at_the_end_is_at_the_next_start(server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(server.unix_url, tmp_path) as site:
            tell(site.registry, range(5))
            await site.registry.settled()
            server.kill()
            tell(site.registry, range(5, 40))
            assert not await site.registry.settled(0.1)
            assert site.registry.waiting > 0
        server.start()
        async with opened(server.unix_url, tmp_path) as site:
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(40))
            assert await calls_in_histories(site.book) == 40
        async with opened(server.unix_url, tmp_path) as site:
            assert await site.registry.settled()
            assert (len(await site.stream()), site.told) == (80, []), "the position was confirmed"

    asyncio.run(body())


def test_redis_may_be_away_and_memory_stays_as_it_is(server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(server.unix_url, tmp_path) as site:
            server.kill()
            for first in range(0, 3000, 100):
                tell(site.registry, range(first, first + 100))
                await asyncio.sleep(0.002)
            assert await site.registry.on_disk(5)
            assert site.journal.waiting == 0
            assert len(site.registry._own._entries) <= 512
            server.start()
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(3000))
            assert await calls_in_histories(site.book) == 3000

    asyncio.run(body())


def test_gone_through_again_nothing_is_there_twice(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            tell(site.registry, range(50))
            await site.registry.settled()
        (tmp_path / "journal" / "0" / "position").unlink()
        async with opened(redis_server.unix_url, tmp_path) as site:
            await site.registry.settled()
            assert names(await site.stream()) == all_of(range(50))
            assert await calls_in_histories(site.book) == 50
            assert site.told == [f"b-{number}" for number in range(50)], "listeners hear it again"

    asyncio.run(body())


def test_with_the_disk_full_calls_are_registered_from_memory(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            tell(site.registry, range(10))
            await site.registry.settled()
            with no_room(0):
                tell(site.registry, range(10, 60))
                while site.registry.drained < 120:
                    await asyncio.sleep(0.01)
            tell(site.registry, range(60, 70))
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(70))
            assert await calls_in_histories(site.book) == 70

    asyncio.run(body())


def test_with_disk_and_redis_away_what_finds_no_room_is_told_as_a_gap(server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(server.unix_url, tmp_path, memory_max=40) as site:
            server.kill()
            with no_room(0):
                tell(site.registry, range(50))
                while not site.journal.refuses:
                    await asyncio.sleep(0.01)
            server.start()
            assert await site.registry.settled()
            records = await site.stream()
            gaps = [record for record in records if isinstance(record, Gap)]
            assert [gap.records for gap in gaps] == [60]
            assert names([record for record in records if record not in gaps]) == all_of(range(20))
            assert site.registry.gaps == 60

    asyncio.run(body())


def test_a_fault_of_ours_costs_only_the_record_that_meets_it(
    redis_server: RedisServer, tmp_path: Path, monkeypatch, caplog
) -> None:
    from asterisk_router.store.call_writer import CallWriter

    write = CallWriter.write

    async def faulty(self: CallWriter, records, seen_at) -> None:
        if began(3) in records:
            raise ZeroDivisionError("a fault of ours")
        await write(self, records, seen_at)

    monkeypatch.setattr(CallWriter, "write", faulty)

    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            tell(site.registry, range(10))
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(10)) - Counter(["BeganCall b-3"])
            assert site.registry.faults == 1

    asyncio.run(body())
    assert "is passed over" in caplog.text


def test_what_no_record_can_hold_is_said_once_a_minute_and_counted(
    redis_server: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            for number in range(5):
                site.registry.began(began(number)._replace(reason="\ud800"))
            tell(site.registry, range(5, 10))
            assert await site.registry.settled()
            assert names(await site.stream()) == all_of(range(5, 10))
            assert site.registry.faults == 5

    asyncio.run(body())
    assert caplog.text.count("cannot be registered") == 1


def test_journals_of_dead_daemons_are_taken_in(redis_server: RedisServer, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(registry_module, "ROUND_S", 0.05)

    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as living:
            living.registry.began(began(0))
            assert await living.registry.on_disk(5)
            dead = Journal(tmp_path / "journal")
            dead.open()
            from asterisk_router.wire.call_record import encode

            dead.append(encode(began(1)), 0.0)
            dead.close()
            while len(await living.stream()) < 2:
                await asyncio.sleep(0.01)
            while list((tmp_path / "journal" / "1").glob("*.journal")):
                await asyncio.sleep(0.01)
            assert names(await living.stream()) == Counter(["BeganCall b-0", "BeganCall b-1"])

    asyncio.run(body())


def test_a_restart_knows_which_calls_are_open(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            tell(site.registry, range(5))
            for number in range(5, 8):
                site.registry.began(began(number))
            await site.registry.settled()
        async with opened(redis_server.unix_url, tmp_path) as site:
            assert await site.registry.unfinished(AT_S + 6) == [began(6), began(7)]

    asyncio.run(body())


def test_a_restart_knows_what_was_decided_last(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            site.registry.began(began(1))
            site.registry.began(began(1)._replace(choice="complaint", caller_class="complaint"))
            site.registry.began(began(2)._replace(choice="complaint"))  # began with another daemon
            assert await site.registry.settled()
        async with opened(redis_server.unix_url, tmp_path) as site:
            unfinished = await site.registry.unfinished(0)
            assert [(call.uniqueid, call.caller_class) for call in unfinished] == [("b-1", "complaint")]

    asyncio.run(body())


def test_the_caller_just_looked_up_is_not_read_again(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(redis_server.unix_url, tmp_path) as site:
            call = began(3)
            found: list[Caller] = []
            site.book.find(call.number, lambda caller, degraded: (found.append(caller), site.registry.began(call)))
            await site.registry.settled()
            redis_server.command("CONFIG", "RESETSTAT")
            site.book.find(call.number, lambda caller, degraded: site.registry.began(began(23)))
            while site.registry.drained != 2:
                await asyncio.sleep(0.01)
            said = redis_server.command("INFO", "commandstats").decode()
            assert "cmdstat_get:calls=2," in said, "the look-up, and the one inside the script"
            assert (await site.book.show(call.number)).history.calls == 2

    asyncio.run(body())
