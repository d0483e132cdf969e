"""Lines of a log -> calls, by a column map; a line that is no call says why."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import ColumnMapError, PolicyFault
from ..policy.words import nearest, seconds_of
from .column_map import Column, ColumnMap, Source
from .log_clock import LogClock
from .past_call import UNKNOWN, LoggedCall

LONGEST_LINE = 65_536
"""Characters; what is longer is no line of a log."""

BLOCK = 128
"""Lines taken apart together."""

Row = Sequence[str]
"""One line, taken apart."""

Text = Callable[[Row], str]
"""Reads the text of one field."""

Read = Callable[[Row], Any]
"""Reads one field."""


class Dirty(NamedTuple):
    """A line that cannot be read."""

    line: int
    """Where it is, counted from 1."""
    reason: str
    """Why; what stands before its first colon is the kind of reason."""


class Skipped(NamedTuple):
    """A line that the map says is no call."""

    why: str
    """As the map says."""


class _DirtyError(Exception):
    """Why a line cannot be read."""


class RowReader:
    """Reads lines of one log."""

    def __init__(self, columns: ColumnMap, header: str, timezone: str) -> None:
        """`header` is the first line where the map says so, `timezone` that of the log.

        Raises ColumnMapError where the map names a column that the header does not have.
        """
        self._map = columns
        self._names = self._split(header.rstrip("\r\n")) if columns.header else []
        self._columns = len(self._names)
        self._faults: list[PolicyFault] = []
        self.clock = LogClock(columns.form, timezone)
        """The log's clock."""
        self._start = [self._place(column, columns.start_where) for column in columns.start]
        self._joined = len(self._start) > 1
        self._ignored = [(self._place(each.column, each.where), each, Skipped(each.why)) for each in columns.ignored]
        self._fields = [
            (LoggedCall._fields.index(_RENAMED.get(field, field)), self._read(field, source))
            for field, source in columns.sources.items()
        ]
        if self._faults:
            raise ColumnMapError(self._faults)
        needed = [source.column for source in columns.sources.values() if not source.optional]
        self._least = max(int(each) for each in (*needed, *columns.start, 0) if isinstance(each, int))

    def read(self, lines: Sequence[str], first: int) -> Iterator[LoggedCall | Dirty | Skipped]:
        """What each line is, in order; `first` is the number of the first one."""
        for start in range(0, len(lines), BLOCK):
            block = lines[start : start + BLOCK]
            rows: Sequence[Row | None] = self._rows(block)
            for number, (line, row) in enumerate(zip(block, rows, strict=True), first + start):
                try:
                    self._check(line)
                    yield self._call(number, row or self._split(line))
                except _DirtyError as wrong:
                    yield Dirty(number, str(wrong))
                except _SkippedError as skipped:
                    yield skipped.skipped

    def _rows(self, lines: Sequence[str]) -> Sequence[Row | None]:
        """Lines taken apart together, in half of the time; None for each where one of them spoils it for the others."""
        if self._map.quotes:
            try:
                rows = list(csv.reader(lines, delimiter=self._map.delimiter, strict=True))
            except csv.Error:
                return [None] * len(lines)
            return rows if len(rows) == len(lines) else [None] * len(lines)  # an open quote swallows the next line
        return [None] * len(lines)

    def _check(self, line: str) -> None:
        if len(line) > LONGEST_LINE:
            raise _DirtyError(f"longer than {LONGEST_LINE} characters")
        if not line or line.isspace():
            raise _DirtyError("empty")
        if "\0" in line:
            raise _DirtyError("holds a NUL byte")

    def _split(self, line: str) -> Row:
        line = line.removesuffix("\r")
        if not self._map.quotes or '"' not in line:
            return line.split(self._map.delimiter)
        try:
            return next(csv.reader((line,), delimiter=self._map.delimiter, strict=True))
        except csv.Error as wrong:
            raise _DirtyError(f"quotes do not fit: {wrong}") from None

    def _call(self, line: int, row: Row) -> LoggedCall:
        if len(row) != self._columns if self._columns else len(row) < self._least:
            wanted = str(self._columns) if self._columns else f"at least {self._least}"
            raise _DirtyError(f"wrong number of columns: {len(row)} instead of {wanted}")
        for place, rule, skipped in self._ignored:
            text = row[place] if place < len(row) else ""
            if text in rule.words or rule.unless and text not in rule.unless or text.startswith(rule.begins):
                raise _SkippedError(skipped)
        call: list[Any] = [line, self._at_s(row), *_NOTHING]
        for place, read in self._fields:
            call[place] = read(row)
        return LoggedCall._make(call)

    def _at_s(self, row: Row) -> int:
        text = " ".join([row[place] for place in self._start]) if self._joined else row[self._start[0]]
        try:
            return self.clock.at_s(text.strip())
        except (ValueError, OverflowError):
            raise _DirtyError(f"no moment: {text[:40]!r}") from None

    def _place(self, column: Column, where: str) -> int:
        """Index of a column in a row."""
        if isinstance(column, int):
            if not self._names or column <= len(self._names):
                return column - 1
            problem, remedy = f"there is no column {column}", f"the log has {len(self._names)}"
        elif column in self._names:
            return self._names.index(column)
        else:
            problem = f"there is no column {column!r}"
            remedy = nearest(column, self._names) if self._names else "the map says that there is no header"
        file, _, line = where.rpartition(":")
        self._faults.append(PolicyFault(file, int(line), 1, problem, remedy))
        return 0

    def _read(self, field: str, source: Source) -> Read:
        convert = _CONVERSIONS.get(field, str.strip)
        words, other = source.words, source.other
        if source.column == 0:
            value = convert(source.text)
            return lambda row: value
        text = self._text(source)
        if field == "outcome" and words is None:
            words = {word: word for word in ("answered", "missed", "unknown")}
        if words is None and other is None:
            return text if convert is str.strip else lambda row: convert(text(row))
        meanings = {word: convert(meant) for word, meant in (words or {}).items()}
        otherwise = None if other is None else convert(other)

        def meant(row: Row) -> Any:
            word = text(row)
            value = meanings.get(word, otherwise)
            if value is None:
                raise _DirtyError(f"{field} is none of the words: {word[:40]!r}")
            return value

        return meant

    def _text(self, source: Source) -> Text:
        place = self._place(source.column, source.where)

        def plain(row: Row) -> str:
            return row[place].strip()

        def optional(row: Row) -> str:
            return row[place].strip() if place < len(row) else ""

        read = optional if source.optional else plain
        return read if source.pattern is None else _taken_out(read, source.pattern)


class _SkippedError(Exception):
    """A line that is no call."""

    def __init__(self, skipped: Skipped) -> None:
        self.skipped = skipped


def _taken_out(read: Text, pattern: re.Pattern[str]) -> Text:
    search = pattern.search

    def taken(row: Row) -> str:
        found = search(read(row))
        return (found[1] or "") if found else ""

    return taken


def _whole(text: str) -> int:
    if not text:
        return UNKNOWN
    if text.isdecimal() and len(text) < 16:
        return int(text)
    raise _DirtyError(f"no whole number: {text[:40]!r}")


def _duration(text: str) -> int:
    seconds = seconds_of(text) if text and not text.isdecimal() else None
    return _whole(text) if seconds is None else seconds


def _tags(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(",")))) if text else ()


_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "wait_s": _whole,
    "value": lambda text: max(_whole(text), 0),
    "head_start": _duration,
    "tags": _tags,
}

_RENAMED = {"head_start": "head_start_s"}

_NOTHING = LoggedCall(0, 0, "")[2:]
