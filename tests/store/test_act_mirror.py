"""The files beside the chain."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.store.act_mirror import ActMirror
from asterisk_router.wire.act_record import ActNote, decode_note

NOTE = ActNote(1.0, "eva", "admin", "uid 0", "shadow promote")


def test_lines_are_added_behind_those_that_were_seen(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    assert mirror.lines() == []
    assert mirror.add(0, [b"one", b"two"])
    assert not mirror.add(1, [b"other"]) and mirror.add(2, [b"three"])
    assert mirror.lines() == [b"one", b"two", b"three"]
    assert mirror.path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    mirror = ActMirror(tmp_path)
    mirror.add(0, [b"one"])
    with mirror.path.open("ab") as file:
        file.write(b"tw")
    assert mirror.lines() == [b"one"] and mirror.add(1, [b"two"])
    assert mirror.path.read_bytes() == b"one\ntwo\n"


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
