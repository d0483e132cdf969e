"""The chain, its mirror and what waits, on a real Redis."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from asterisk_router.store.act_log import ActLog
from asterisk_router.store.act_mirror import ActMirror
from asterisk_router.store.kept_acts import ITSELF, KeptActs
from asterisk_router.store.open_book import open_book
from asterisk_router.wire.act_record import FIRST, ActNote, Fault, chained, decode, encode
from tests.live.redis_server import RedisServer

KEY = "ar:{acts}"


def note(act: str, act_id: str = "") -> ActNote:
    return ActNote(1.0, "eva", "admin", "uid 0", act, id=act_id)


class House:
    """One installation: Redis, state directory, and what keeps the record there."""

    def __init__(self, server: RedisServer, state_dir: Path) -> None:
        self.server, self.mirror = server, ActMirror(state_dir)
        self._state_dir = state_dir

    def run(self, body: Callable[[KeptActs], Awaitable[object]]) -> object:
        async def ran() -> object:
            async with await open_book(self.server.unix_url, state_dir=self._state_dir) as book:
                return await body(KeptActs(ActLog(book.acts, book.keys), self.mirror))

        return asyncio.run(ran())

    def record(self, *acts: str) -> None:
        async def body(kept: KeptActs) -> None:
            for act in acts:
                await kept.record(note(act))

        self.run(body)

    def acts(self) -> list[str]:
        async def body(kept: KeptActs) -> list[str]:
            return [decode(line).note.act for line in await kept.lines()]

        found = self.run(body)
        assert isinstance(found, list)
        return found

    def verify(self) -> object:
        return self.run(lambda kept: kept.verify())

    def keep(self) -> None:
        self.run(lambda kept: kept.keep())


@pytest.fixture
def house(redis_server: RedisServer, tmp_path: Path) -> House:
    return House(redis_server, tmp_path)


def test_what_is_recorded_is_mirrored_and_whole(house: House) -> None:
    house.record("one", "two", "three")
    assert house.verify() == (3, True, None)
    assert [decode(line).note.act for line in house.mirror.lines()] == ["one", "two", "three"]


def test_a_cut_tail_is_missed_by_the_mirror(house: House) -> None:
    house.record("one", "two", "three")
    house.server.command("RPOP", KEY)
    where = f"the mirror at {house.mirror.path}"
    assert house.verify() == (2, True, Fault(3, f"is missing, as is all behind it: {where} has 3 records"))


def test_a_chain_written_anew_from_some_record_on_is_not_the_mirrors(house: House) -> None:
    house.record("one", "two", "three")
    first = decode(house.mirror.lines()[0])
    forged = chained(2, note("nothing"), first.hash)
    last = chained(3, note("three"), forged.hash)
    for place, record in ((1, forged), (2, last)):
        house.server.command("LSET", KEY, place, encode(record))
    assert house.verify() == (3, True, Fault(2, f"is not what the mirror at {house.mirror.path} has"))


def test_a_change_in_redis_or_in_the_mirror_is_named(house: House) -> None:
    house.record("one", "two", "three")
    kept = house.mirror.lines()
    house.server.command("LSET", KEY, 1, kept[1].replace(b"eva", b"eve"))
    assert house.verify() == (3, True, Fault(2, "was changed after it was written"))
    house.server.command("LSET", KEY, 1, kept[1])
    house.mirror.path.write_bytes(house.mirror.path.read_bytes().replace(b'"one"', b'"two"'))
    where = f"the mirror at {house.mirror.path}"
    assert house.verify() == (3, True, Fault(1, f"was changed after it was written, in {where}"))


def test_what_redis_lost_is_put_back_and_that_is_recorded(house: House) -> None:
    house.record("one", "two", "three")
    house.server.command("FLUSHALL")
    house.keep()
    assert house.acts() == ["one", "two", "three", "acts restore"]
    assert decode(house.mirror.lines()[-1]).note.who == ITSELF
    assert house.verify() == (4, True, None)


def test_what_was_recorded_after_a_loss_is_not_overwritten(house: House) -> None:
    house.record("one", "two")
    house.server.command("FLUSHALL")
    house.server.command("RPUSH", KEY, encode(chained(1, note("other"), FIRST)))
    house.keep()
    assert house.acts() == ["other"]
    assert [decode(line).note.act for line in house.mirror.lines()] == ["one", "two"]
    assert house.verify() == (1, True, Fault(1, f"is not what the mirror at {house.mirror.path} has"))


@pytest.mark.parametrize("mirrored", [b"damaged\n", encode(chained(9, note("one"), FIRST)) + b"\n"])
def test_nothing_is_added_behind_a_mirror_that_is_not_the_chains(
    house: House, mirrored: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    house.record("one", "two")
    house.mirror.path.write_bytes(mirrored)
    house.keep()
    assert "acts verify" in caplog.text and house.mirror.path.read_bytes() == mirrored
    house.record("three")
    assert house.acts() == ["one", "two", "three"] and house.mirror.path.read_bytes() == mirrored


def test_the_whole_mirror_is_read_only_when_redis_has_less(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.record("one", "two")
    whole, reads = ActMirror.lines, []
    monkeypatch.setattr(ActMirror, "lines", lambda mirror: reads.append(1) or whole(mirror))
    house.record("three")
    house.keep()
    assert not reads and house.mirror.last() == encode(decode(house.mirror.last())) and len(whole(house.mirror)) == 3
    house.server.command("FLUSHALL")
    house.keep()
    assert reads and house.acts() == ["one", "two", "three", "acts restore"]


def test_what_waits_is_recorded_once(house: House) -> None:
    house.mirror.record_later(note("shadow promote", "a"))
    house.mirror.record_later(note("shadow rollback", "b"))
    waiting = house.mirror.waiting()
    house.keep()
    assert house.acts() == ["shadow promote", "shadow rollback"] and house.mirror.waiting() == []
    (house.mirror.path.parent / "waiting").write_bytes(waiting[1] + b"\nno note\n")  # as after a daemon that was killed
    house.record("tag add")
    assert house.acts() == ["shadow promote", "shadow rollback", "tag add"] and house.mirror.waiting() == []


def test_who_holds_the_files_holds_up_no_call(house: House) -> None:
    house.mirror.record_later(note("shadow promote", "a"))
    held = os.open(house.mirror.path.parent / "lock", os.O_RDWR)
    gave_up: list[bool] = []

    async def body(kept: KeptActs) -> None:
        fcntl.flock(held, fcntl.LOCK_EX)  # as a command that was stopped by Ctrl-Z while it wrote
        at_last = threading.Timer(5.0, lambda: (gave_up.append(True), fcntl.flock(held, fcntl.LOCK_UN)))
        at_last.start()
        keeping = asyncio.create_task(kept.keep())
        while not gave_up and not await kept.lines():
            await asyncio.sleep(0.01)
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not gave_up and not keeping.done()
        at_last.cancel()
        fcntl.flock(held, fcntl.LOCK_UN)
        await keeping

    house.run(body)
    os.close(held)
    assert house.mirror.waiting() == [] and house.acts() == ["shadow promote"]
