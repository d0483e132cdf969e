"""The folder of a journal: held by one, taken over from the dead, and it knows how far it was read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from asterisk_router.store.journal.folder import KEPT_MAX, KEPT_S, JournalFolder, Position


def folder_with(path: Path, *segments: int) -> JournalFolder:
    folder = JournalFolder.hold(path)
    assert folder is not None
    for number in segments:
        os.close(folder.new_segment(number))
    return folder


def test_a_folder_is_held_by_one_and_the_next_takes_the_next(tmp_path: Path) -> None:
    first, second = JournalFolder.hold_first(tmp_path), JournalFolder.hold_first(tmp_path)
    assert (first.path.name, second.path.name) == ("0", "1")
    assert JournalFolder.hold(first.path) is None
    first.release()
    assert JournalFolder.hold_first(tmp_path).path == first.path


def test_what_was_left_behind_is_held_once(tmp_path: Path) -> None:
    living = folder_with(tmp_path / "0", 1)
    folder_with(tmp_path / "1", 1).release()
    folder_with(tmp_path / "2").release()
    (tmp_path / "stray").mkdir()
    found = list(JournalFolder.hold_left(tmp_path))
    assert [folder.path.name for folder in found] == ["1"], "0 is held, in 2 there is nothing"
    assert list(JournalFolder.hold_left(tmp_path)) == []
    living.release()


def test_the_position_is_kept_and_a_damaged_one_is_the_beginning(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 3, 4)
    assert folder.position() == Position(3, 0, 0)
    folder.save_position(Position(4, 123, 9))
    assert folder.position() == Position(4, 123, 9)
    for damage in (b"", b"garbage", (tmp_path / "position").read_bytes()[:-1]):
        (tmp_path / "position").write_bytes(damage)
        assert folder.position() == Position(3, 0, 0)
    folder.save_position(Position(2, 5, 1))
    assert folder.position() == Position(3, 0, 0), "nothing before the first segment is left to read"


def test_a_segment_is_begun_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 1)
    with pytest.raises(FileExistsError):
        folder.new_segment(1)


def test_registered_segments_go_when_they_are_old_or_too_many(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, *range(1, KEPT_MAX + 4))
    long_ago_s = time.time() - KEPT_S - 1
    os.utime(folder.segment(KEPT_MAX + 1), (long_ago_s, long_ago_s))
    folder.remove_before(KEPT_MAX + 3)
    assert folder.segments() == [*range(3, KEPT_MAX + 1), KEPT_MAX + 2, KEPT_MAX + 3]
    folder.remove_before(KEPT_MAX + 3, kept_s=0)
    assert folder.segments() == [KEPT_MAX + 3]
