"""A journal read back: through all its segments, past what is damaged, up to where it is still written."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.store.journal.folder import JournalFolder, Position
from asterisk_router.store.journal.reader import BITE_BYTES, JournalReader
from asterisk_router.wire.journal_frame import PAYLOAD_MAX, frame

BEGINNING = Position(1, 0, 0)


@pytest.fixture
def folder(tmp_path: Path) -> JournalFolder:
    folder = JournalFolder.hold(tmp_path)
    assert folder is not None
    return folder


def write(folder: JournalFolder, segment: int, *payloads: bytes, tail: bytes = b"") -> None:
    frames = b"".join(frame(payload, number) for number, payload in enumerate(payloads))
    folder.segment(segment).write_bytes(frames + tail)


def read(reader: JournalReader, most: int = 100) -> list[tuple[bytes, int]]:
    found = []
    while entries := reader.read(most):
        found += [(payload, lost) for payload, lost, _ in entries]
    return found


@pytest.mark.parametrize("most", [1, 2, 100])
def test_segments_are_read_in_order_and_a_missing_one_is_passed_over(folder: JournalFolder, most: int) -> None:
    write(folder, 1, b"a", b"b", b"c")
    write(folder, 3, b"d")
    write(folder, 4)
    write(folder, 5, b"e")
    assert read(JournalReader(folder, BEGINNING), most) == [(text, 0) for text in (b"a", b"b", b"c", b"d", b"e")]


def test_reading_goes_on_at_the_position_of_an_entry(folder: JournalFolder) -> None:
    write(folder, 1, b"a", b"b")
    write(folder, 2, b"c")
    first = JournalReader(folder, BEGINNING).read(1)[0]
    assert read(JournalReader(folder, first.position)) == [(b"b", 0), (b"c", 0)]
    assert read(JournalReader(folder, Position(7, 0, 0))) == []


def test_a_torn_tail_counts_as_lost_once_nobody_writes_there(folder: JournalFolder) -> None:
    living = 1
    reader = JournalReader(folder, BEGINNING, lambda: living)
    write(folder, 1, b"a", tail=frame(b"torn", 1)[:-1])
    assert read(reader) == [(b"a", 0)]
    write(folder, 1, b"a", b"torn")
    assert read(reader) == [(b"torn", 0)], "it was only being written"
    write(folder, 1, b"a", b"torn", tail=b"\xc1\xa7 half")
    assert read(reader) == []
    living = 2
    write(folder, 2, b"b")
    assert read(reader) == [(b"", 1), (b"b", 0)]


def test_a_torn_tail_at_the_very_end_is_told_once(folder: JournalFolder) -> None:
    write(folder, 1, b"a", tail=b"torn")
    reader = JournalReader(folder, BEGINNING)
    assert read(reader) == [(b"a", 0), (b"", 1)]
    assert read(JournalReader(folder, reader.position)) == []


def test_a_damaged_stretch_longer_than_a_bite_is_passed_over(folder: JournalFolder) -> None:
    before, after = frame(b"before", 0), frame(b"after", 7)
    folder.segment(1).write_bytes(before + bytes(2 * BITE_BYTES + 99) + after)
    assert read(JournalReader(folder, BEGINNING)) == [(b"before", 0), (b"after", 6)]


def test_frames_over_the_end_of_a_bite_are_read_whole(folder: JournalFolder) -> None:
    payloads = [bytes([number]) * PAYLOAD_MAX for number in range(9)]
    write(folder, 1, *payloads)
    assert read(JournalReader(folder, BEGINNING)) == [(payload, 0) for payload in payloads]
