"""A log is read in chunks that together are the whole of it, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.admin.past.log_file import LogFile, load_column_map
from asterisk_router.errors import ColumnMapError
from asterisk_router.replay.row_reader import LONGEST_LINE


def written(folder: Path, data: bytes, chunk_bytes: int) -> LogFile:
    path = folder / "log"
    path.write_bytes(data)
    return LogFile(path, len(data), "utf-8", chunk_bytes)


@given(st.lists(st.sampled_from(["", "a", "bb;c\r", "d" * 40, "ž"])), st.integers(1, 50), st.booleans())
def test_the_chunks_are_the_log(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], chunk_bytes: int, ended: bool
) -> None:
    text = "\n".join(lines) + "\n" * (ended and bool(lines))
    log = written(tmp_path_factory.mktemp("log"), text.encode(), chunk_bytes)
    expected = text.split("\n")
    if not expected[-1]:
        expected.pop()
    assert [line for chunk in range(log.chunks) for line in log.lines(chunk)] == expected


def test_what_is_written_later_is_not_read(tmp_path: Path) -> None:
    log = written(tmp_path, b"one\ntwo\n", 5)
    with log.path.open("ab") as file:
        file.write(b"three\n")
    assert [line for chunk in range(log.chunks) for line in log.lines(chunk)] == ["one", "two"]


def test_a_line_without_an_end_is_read_no_further_than_shows_that_it_is_too_long(tmp_path: Path) -> None:
    log = written(tmp_path, b"x" * (20 * LONGEST_LINE) + b"\ny\n", LONGEST_LINE)
    (first,), *between, last = (log.lines(chunk) for chunk in range(log.chunks))
    assert LONGEST_LINE < len(first) < 6 * LONGEST_LINE
    assert not any(between) and last == ["y"]


def test_other_encodings_and_marks_at_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes("\ufeffname\n".encode() + b"\xe9\n")
    assert LogFile(tmp_path / "log", 8, "utf-8").first_line() == "name"
    assert LogFile(tmp_path / "log", 10, "utf-8").lines(0) == ["name", "\ufffd"]
    assert LogFile(tmp_path / "log", 10, "latin-1").lines(0)[1] == "é"


def test_a_map_is_a_file_or_a_shipped_name(tmp_path: Path) -> None:
    assert load_column_map("asterisk-cdr").delimiter == ","
    assert Path(load_column_map("cdr-table").name).is_file(), "people find it to copy it"
    with pytest.raises(ColumnMapError, match="cannot be read.*did you mean 'asterisk-cdr'"):
        load_column_map("asterisk-crd")
    (tmp_path / "map.toml").write_bytes(b"\xff")
    with pytest.raises(ColumnMapError, match="not UTF-8"):
        load_column_map(str(tmp_path / "map.toml"))
