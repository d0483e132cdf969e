"""Reports of ended calls in a file: taken in once they are whole, and removed once they are safe."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from asterisk_router.daemon import spool_intake
from asterisk_router.daemon.spool_intake import SpoolIntake
from asterisk_router.wire.incoming_call import IncomingCall

LINE = b"uid=b-%d&lid=b-0&did=42120550000&end=qs%%3DTIMEOUT\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_intake, "WRITTEN_S", 0.02)
    monkeypatch.setattr(spool_intake, "ROUND_S", 0.01)


class Spool:
    """A spool directory and who takes it in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "unreported"
        self.told: list[str] = []
        self.safe = True
        self.intake = SpoolIntake(
            directory, lambda call, at_s: self.told.append(call.uniqueid), self.on_disk, clock=lambda: 5.0
        )

    async def on_disk(self, patience_s: float) -> bool:
        return self.safe

    def left(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir())


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def test_reports_are_taken_in_and_removed(spool: Spool) -> None:
    spool.file.write_bytes(b"".join(LINE % number for number in range(40)))
    asyncio.run(spool.intake.take_in())
    assert spool.told == [f"b-{number}" for number in range(40)]
    assert (spool.left(), spool.intake.taken_in) == ([], 40)


def test_what_is_written_meanwhile_is_not_lost(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_intake, "WRITTEN_S", 0.5)

    async def body() -> None:
        spool.file.write_bytes(LINE % 1)
        with spool.file.open("ab") as late:  # a channel that had the file open when it was renamed
            taking = asyncio.ensure_future(spool.intake.take_in())
            while spool.file.exists():
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)  # it would have been read by now if nobody waited for writers
            late.write(LINE % 2)
            late.flush()
        spool.file.write_bytes(LINE % 3)
        await taking
        assert (spool.told, spool.left()) == (["b-1", "b-2"], ["unreported"])
        await spool.intake.take_in()
        assert (spool.told, spool.left()) == (["b-1", "b-2", "b-3"], [])

    asyncio.run(body())


def test_a_long_file_is_taken_in_by_pieces_and_kept_until_all_of_it_is_safe(spool: Spool, monkeypatch) -> None:
    monkeypatch.setattr(spool_intake, "PIECE_BYTES", 100)
    spool.file.write_bytes(b"".join(LINE % number for number in range(9)))
    spool.safe = False
    asyncio.run(spool.intake.take_in())
    assert (0 < len(spool.told) < 9, spool.left()) == (True, ["taken"])
    spool.safe = True
    asyncio.run(spool.intake.take_in())
    assert (spool.told[-9:], spool.left()) == ([f"b-{number}" for number in range(9)], [])


def test_what_is_not_safe_yet_is_kept_and_told_again(spool: Spool) -> None:
    spool.file.write_bytes(LINE % 1)
    spool.safe = False
    asyncio.run(spool.intake.take_in())
    assert spool.left() == ["taken"]
    spool.safe = True
    spool.file.write_bytes(LINE % 2)
    asyncio.run(spool.intake.take_in())
    assert (spool.told, spool.left()) == (["b-1", "b-1"], ["unreported"])


def test_a_line_that_is_no_report_is_skipped_and_counted(spool: Spool, caplog) -> None:
    spool.file.write_bytes(LINE % 1 + b"\xff\xfe\n\nuid=only\n" + LINE % 2 + (LINE % 3)[:9])
    asyncio.run(spool.intake.take_in())
    assert (spool.told, spool.intake.unreadable) == (["b-1", "b-2"], 4)
    assert caplog.text.count("is skipped: no report of an end") == 1


def test_of_two_daemons_one_is_at_the_file(spool: Spool) -> None:
    async def body() -> None:
        other = Spool(spool.directory)
        spool.file.write_bytes(LINE % 1)
        await asyncio.gather(spool.intake.take_in(), other.intake.take_in())
        assert (sorted(spool.told + other.told), spool.left()) == (["b-1"], [])
        spool.file.write_bytes(LINE % 2)
        spool.safe = False
        await spool.intake.take_in()
        await other.intake.take_in()
        assert (other.told[-1], spool.left()) == ("b-2", []), "what one could not make safe is the other's"

    asyncio.run(body())


def test_a_fault_of_ours_costs_one_report_and_a_hanging_disk_no_call(spool: Spool, monkeypatch, caplog) -> None:
    threads = []
    rename, unlink = Path.rename, Path.unlink

    def seen(act):
        def acted(*words):
            threads.append(threading.current_thread())
            return act(*words)

        return acted

    def fails_once(call: IncomingCall, at_s: float) -> None:
        if call.uniqueid == "b-1":
            raise KeyError("of ours")
        spool.told.append(call.uniqueid)

    monkeypatch.setattr(Path, "rename", seen(rename))
    monkeypatch.setattr(Path, "unlink", seen(unlink))
    spool.file.write_bytes(b"".join(LINE % number for number in range(3)))
    intake = SpoolIntake(spool.directory, fails_once, spool.on_disk, clock=lambda: 5.0)
    asyncio.run(intake.take_in())
    assert (spool.told, spool.left(), intake.taken_in, intake.faults) == (["b-0", "b-2"], [], 2, 1)
    assert "call b-1 is passed over" in caplog.text
    assert len(threads) == 2 and threading.main_thread() not in threads


def test_without_a_file_or_a_directory_there_is_nothing_to_do(spool: Spool, tmp_path: Path) -> None:
    asyncio.run(spool.intake.take_in())
    asyncio.run(Spool(tmp_path / "none").intake.take_in())
    assert spool.told == []


def test_it_goes_on_through_faults_of_the_directory_and_says_each_once(spool: Spool, caplog) -> None:
    async def body() -> None:
        (spool.directory / "taken").mkdir()
        keeping = asyncio.ensure_future(spool.intake.keep())
        await asyncio.sleep(0.1)
        (spool.directory / "taken").rmdir()
        spool.file.write_bytes(LINE % 1)
        for _ in range(3000):
            if spool.told:
                break
            await asyncio.sleep(0.01)
        keeping.cancel()

    asyncio.run(body())
    assert spool.told == ["b-1"]
    assert caplog.text.count("Is a directory") == 1


def test_a_directory_that_is_not_there_is_said_at_the_start(tmp_path: Path, caplog) -> None:
    async def body() -> None:
        keeping = asyncio.ensure_future(Spool(tmp_path / "none").intake.keep())
        await asyncio.sleep(0.01)
        keeping.cancel()

    asyncio.run(body())
    assert f"{tmp_path / 'none'} is not there" in caplog.text
