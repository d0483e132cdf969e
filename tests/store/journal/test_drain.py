"""A journal on its way to Redis: in bites, each confirmed after it is there, and what is missing is said."""

from __future__ import annotations

import asyncio
import threading

import pytest

from asterisk_router.callers.registered_call import BeganCall, Gap, Registered
from asterisk_router.errors import StoreUnavailableError
from asterisk_router.store.journal import drain as journal_drain
from asterisk_router.store.journal.drain import JournalDrain
from asterisk_router.store.journal.folder import Position
from asterisk_router.store.journal.reader import Entry
from asterisk_router.wire.call_record import encode


def call(number: int) -> BeganCall:
    return BeganCall(f"b-{number}", "", 100.0 + number, "", "")


def entry(number: int, lost: int = 0) -> Entry:
    return Entry(encode(call(number)), lost, Position(1, (number + 1) * 100, number + 1))


class Site:
    """A journal of some entries, and where its records go."""

    def __init__(self, *entries: Entry) -> None:
        self.left = list(entries)
        self.confirmed: list[Position] = []
        self.bites: list[list[Registered]] = []
        self.fault: Exception | None = None
        self.disk = threading.Event()
        self.disk.set()
        self.drain = JournalDrain("0", self.read, self.confirmed.append, self.write, bite=3)

    def read(self, most: int) -> list[Entry]:
        self.disk.wait()
        found, self.left = self.left[:most], self.left[most:]
        return found

    async def write(self, records) -> None:
        if self.fault is not None:
            raise self.fault
        self.bites.append(list(records))


def test_it_goes_in_bites_and_is_confirmed_when_all_of_it_is_there() -> None:
    async def body() -> None:
        site = Site(*(entry(number) for number in range(7)))
        assert [await site.drain.bite() for _ in range(3)] == [3, 3, 1]
        assert site.confirmed == []
        assert await site.drain.bite() == 0
        assert site.confirmed == [Position(1, 700, 7)]
        assert site.bites == [[call(0), call(1), call(2)], [call(3), call(4), call(5)], [call(6)]]
        assert (await site.drain.bite(), len(site.confirmed)) == (0, 1)

    asyncio.run(body())


def test_what_could_not_be_written_is_written_later_and_not_confirmed_before() -> None:
    async def body() -> None:
        site = Site(entry(0), entry(1))
        site.fault = StoreUnavailableError("away")
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                await site.drain.bite()
        site.fault = None
        assert (await site.drain.bite(), site.bites, site.confirmed) == (2, [[call(0), call(1)]], [])

    asyncio.run(body())


def test_what_is_missing_becomes_a_gap_between_its_neighbours(caplog) -> None:
    async def body() -> None:
        unreadable = Entry(b"\xc1", 0, Position(1, 350, 4))
        torn = Entry(b"", 1, Position(2, 0, 0))
        site = Site(entry(0), entry(2, lost=4), unreadable, torn)
        while await site.drain.bite():
            pass
        (first, damaged, third, unread, cut) = sum(site.bites, [])
        assert (first, third) == (call(0), call(2))
        assert isinstance(damaged, Gap) and isinstance(unread, Gap) and isinstance(cut, Gap)
        assert (damaged.records, damaged.from_s, damaged.to_s) == (4, 100.0, 102.0)
        assert damaged.why == "journal 0/1, before byte 300: damaged"
        assert (unread.records, unread.from_s, unread.to_s) == (1, 102.0, 0.0)
        assert "no record of a call" in unread.why
        assert (cut.records, cut.why) == (1, "journal 0/2, before byte 0: cut short")
        assert site.drain.lost == 6

    asyncio.run(body())
    assert "4 records of calls are lost: journal 0/1, before byte 300" in caplog.text


def test_a_disk_that_hangs_holds_up_nobody_else(monkeypatch) -> None:
    monkeypatch.setattr(journal_drain, "DISK_S", 0.01)

    async def body() -> None:
        site = Site(entry(0))
        site.disk.clear()
        assert [await site.drain.bite() for _ in range(2)] == [0, 0]
        assert site.drain.hangs
        site.disk.set()
        while not await site.drain.bite():
            await asyncio.sleep(0.001)
        assert (site.bites, site.drain.hangs) == ([[call(0)]], False)

    asyncio.run(body())
