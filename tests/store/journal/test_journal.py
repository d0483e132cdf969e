"""The journal as it is written: what was taken is there after a kill, a full disk and a roll, or counted."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_router.callers.registered_call import Gap
from asterisk_router.store.journal import journal as journal_module
from asterisk_router.store.journal.journal import Journal
from asterisk_router.wire.call_record import decode
from asterisk_router.wire.journal_frame import PAYLOAD_MAX

PATIENCE_S = 30.0


@contextmanager
def opened(root: Path, **options: int) -> Iterator[Journal]:
    journal = Journal(root, **options)
    journal.open()
    try:
        yield journal
    finally:
        journal.close()


def until(true) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end_s, "it never came true"
        time.sleep(0.002)


def read_all(journal: Journal) -> list[bytes]:
    until(lambda: journal.ready and not journal.waiting)
    found = []
    while entries := journal.read(100):
        found += [payload for payload, _, _ in entries]
    return found


def test_what_is_taken_can_be_read_back_by_this_and_by_the_next_process(tmp_path: Path) -> None:
    written = [b"%d" % number for number in range(500)]
    with opened(tmp_path) as journal:
        for number, payload in enumerate(written):
            journal.append(payload, float(number))
        assert read_all(journal) == written
        assert journal.appended == 500
    with opened(tmp_path) as journal:
        assert read_all(journal) == written, "nothing of it was confirmed"


def test_what_is_confirmed_is_not_read_again(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for payload in (b"a", b"b", b"c"):
            journal.append(payload, 0.0)
        until(lambda: not journal.waiting)
        journal.confirm(journal.read(2)[-1].position)
    with opened(tmp_path) as journal:
        assert read_all(journal) == [b"c"]
        assert [entry.payload for entry in journal.kept()] == [b"a", b"b", b"c"], "kept for a restart all the same"


def test_a_full_segment_is_followed_by_another_and_removed_when_it_is_registered(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("asterisk_router.store.journal.folder.KEPT_MAX", 0)
    with opened(tmp_path, segment_bytes=100) as journal:
        for number in range(20):
            journal.append(b"%030d" % number, 0.0)
            until(lambda: not journal.waiting)
        segments = list((tmp_path / "0").glob("*.journal"))
        assert len(segments) >= 5
        entries = journal.read(100)
        while more := journal.read(100):
            entries += more
        assert [int(payload) for payload, _, _ in entries] == list(range(20))
        journal.confirm(entries[-1].position)
        assert len(list((tmp_path / "0").glob("*.journal"))) == 1


WRITER = """
import sys, time
from pathlib import Path
from asterisk_router.store.journal.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.open()
number = 0
while True:
    journal.append(b"%d" % number, 0.0)
    number += 1
    time.sleep(0.0005)
    if not journal.waiting:
        print(number, flush=True)
"""


def test_what_was_written_outlives_a_kill(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout
    said = [int(process.stdout.readline()) for _ in range(100)]
    os.kill(process.pid, signal.SIGKILL)
    said += [int(line) for line in process.stdout.read().split()]
    process.stdout.close()
    process.wait()
    with opened(tmp_path) as journal:
        assert journal.root.joinpath("0").is_dir()
        found = [int(payload) for payload in read_all(journal)]
    assert found == list(range(len(found)))
    assert len(found) >= max(said)


@contextmanager
def no_room(bytes_left: int) -> Iterator[None]:
    """Files of this process may grow no longer than that, which a write is told as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETRY_S", 0.01)


def test_a_full_disk_keeps_calls_in_memory_until_there_is_room(tmp_path: Path, impatient, caplog) -> None:
    with opened(tmp_path) as journal:
        journal.append(b"before", 0.0)
        until(lambda: not journal.waiting)
        with no_room(40):
            for number in range(50):
                journal.append(b"%d" % number, 0.0)
            until(lambda: journal.refuses)
            assert journal.in_memory(3) == [b"0", b"1", b"2"]
            assert (journal.waiting, journal.lost) == (50, 0)
        assert read_all(journal) == [b"before", *(b"%d" % number for number in range(50))]
        assert not journal.refuses
    assert "cannot be written, calls are kept in memory" in caplog.text
    assert "is written again" in caplog.text


def test_what_is_registered_from_memory_is_not_written_as_well(tmp_path: Path, impatient) -> None:
    with opened(tmp_path) as journal:
        with no_room(0):
            for payload in (b"a", b"b", b"c"):
                journal.append(payload, 0.0)
            until(lambda: journal.refuses)
            journal.forget(journal.in_memory(2))
            assert journal.in_memory(9) == [b"c"]
        assert read_all(journal) == [b"c"]


def test_what_falls_out_of_memory_is_counted_and_told_where_it_is_missing(tmp_path: Path, impatient) -> None:
    with opened(tmp_path, memory_max=10) as journal:
        with no_room(0):
            for number in range(25):
                journal.append(b"%d" % number, 100.0 + number)
            until(lambda: journal.refuses)
            assert (journal.waiting, journal.lost, journal.appended) == (10, 15, 10)
        journal_read = read_all(journal)
        assert journal_read[:10] == [b"%d" % number for number in range(10)]
        gap = decode(journal_read[10])
        assert isinstance(gap, Gap)
        assert (gap.records, gap.from_s, gap.to_s) == (15, 110.0, 124.0)
        journal.append(b"after", 200.0)
        assert read_all(journal) == [b"after"]


def test_a_record_longer_than_any_frame_is_lost_and_said(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.append(bytes(PAYLOAD_MAX + 1), 5.0)
        journal.append(b"next", 6.0)
        found = read_all(journal)
        assert (journal.lost, found[0], len(found)) == (1, b"next", 2)
        assert decode(found[1]) == Gap(1, 5.0, 5.0, "no room on the disk nor in memory")


def test_a_directory_that_cannot_be_had_is_tried_again(tmp_path: Path, impatient) -> None:
    root = tmp_path / "file"
    root.write_bytes(b"")
    with opened(root) as journal:
        journal.append(b"a", 0.0)
        until(lambda: journal.refuses)
        assert (journal.ready, journal.read(9), list(journal.left_behind())) == (False, [], [])
        root.unlink()
        assert read_all(journal) == [b"a"]


def test_two_daemons_write_apart_and_the_living_take_in_the_dead(tmp_path: Path) -> None:
    with opened(tmp_path) as living:
        with opened(tmp_path) as dying:
            living.append(b"living", 0.0)
            until(lambda: living.ready and not living.waiting)
            dying.append(b"dying", 0.0)
            until(lambda: dying.ready and not dying.waiting)
            assert list(living.left_behind()) == []
        readers = list(living.left_behind())
        assert [reader.read(9)[0].payload for reader in readers] == [b"dying"]
        assert read_all(living) == [b"living"]


def test_what_is_registered_while_it_is_written_leaves_nothing_out(tmp_path: Path, monkeypatch) -> None:
    journal = Journal(tmp_path)
    for number in range(5):
        journal.append(b"%d" % number, 0.0)
    written = os.write

    def slow(file: int, data: bytes) -> int:
        journal.append(b"later", 0.0)
        journal.forget(journal.in_memory(6))  # Redis was quicker with all of them, the later one included
        journal.append(b"last", 0.0)
        monkeypatch.setattr(os, "write", written)
        return written(file, data)

    monkeypatch.setattr(os, "write", slow)
    journal.open()
    found = read_all(journal)
    journal.close()
    assert found == [*(b"%d" % number for number in range(5)), b"last"]


def test_what_is_left_in_memory_at_the_end_is_said(tmp_path: Path, impatient, caplog) -> None:
    with no_room(0):
        with opened(tmp_path) as journal:
            journal.append(b"a", 0.0)
            until(lambda: journal.refuses)
        assert journal.lost == 1
    assert "1 records of calls are lost" in caplog.text


def test_closing_writes_what_is_left(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for number in range(1000):
            journal.append(b"%d" % number, 0.0)
    with opened(tmp_path) as journal:
        assert len(read_all(journal)) == 1000
