"""The files beside the chain."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from asterisk_router.store import act_mirror
from asterisk_router.store.act_mirror import BACK_BYTES, ActMirror
from asterisk_router.wire.act_record import ActNote, decode_note

NOTE = ActNote(1.0, "eva", "admin", "uid 0", "shadow promote")


def test_lines_are_added_behind_those_that_were_seen(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    assert mirror.lines() == []
    assert mirror.last() == b""
    assert mirror.add(b"", [b"one", b"two"])
    assert not mirror.add(b"one", [b"other"]) and mirror.add(b"two", [b"three"])
    assert not mirror.add(b"", [b"other"]) and mirror.last() == b"three"
    assert mirror.lines() == [b"one", b"two", b"three"]
    assert mirror.path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    mirror.add(b"", [b"one"])
    with mirror.path.open("ab") as file:
        file.write(b"tw")
    assert mirror.lines() == [b"one"] and mirror.last() == b"one" and mirror.add(b"one", [b"two"])
    assert mirror.path.read_bytes() == b"one\ntwo\n"


def test_a_first_line_that_was_cut_short_is_no_line(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    mirror.add(b"", [b"x"])
    mirror.path.write_bytes(b"on")
    assert mirror.last() == b"" and mirror.lines() == [] and mirror.add(b"", [b"one"])
    assert mirror.path.read_bytes() == b"one\n"


@pytest.mark.parametrize("length", [1, BACK_BYTES - 2, BACK_BYTES - 1, BACK_BYTES, 3 * BACK_BYTES])
def test_the_last_line_is_found_however_long_lines_are(tmp_path: Path, length: int) -> None:
    mirror = ActMirror(tmp_path)
    lines = [sign * length for sign in (b"a", b"b", b"c")]
    for before, line in zip([b"", *lines], lines, strict=False):
        assert mirror.add(before, [line]) and mirror.last() == line
    assert mirror.lines() == lines


def test_a_line_costs_the_same_however_many_are_before_it(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    mirror.add(b"", [b"x" * 300] * 10_000 + [b"last"])
    read = 0

    class Counted(io.BufferedReader):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal read
            found = super().read(size)
            read += len(found)
            return found

    with mirror.path.open("rb", buffering=0) as raw:
        assert act_mirror._last_line(Counted(raw)) == (b"last", mirror.path.stat().st_size)
    assert read <= BACK_BYTES


def test_notes_wait_until_one_process_has_recorded_them(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    with mirror.recording() as ours:
        assert not ours  # nobody noted anything yet
    for act in ("one", "two"):
        mirror.record_later(NOTE._replace(act=act))
    with mirror.recording() as ours, ActMirror(tmp_path).recording() as theirs:
        assert ours and not theirs
        mirror.record_later(NOTE._replace(act="three"))
        mirror.recorded(2)
    assert [decode_note(line).act for line in mirror.waiting()] == ["three"]
