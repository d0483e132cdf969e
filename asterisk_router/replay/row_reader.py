"""Lines of a log -> calls, by a column map; a line that is no call says why."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import ColumnMapError, PolicyFault
from ..policy.words import nearest
from .columns import Column, ColumnMap, Source
from .log_clock import LogClock
from .past_call import LoggedCall
from .texts import CONVERSIONS, DirtyError

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


class Further(NamedTuple):
    """A line that tells more of a call."""

    call_id: str
    """Which call."""
    at_s: int
    """When, in seconds since 1970 UTC."""
    ends: bool
    """Whether nothing more is told of it."""
    fields: Mapping[str, Any]
    """Fields of the `LoggedCall` that it tells."""


Found = LoggedCall | Further | Dirty | Skipped
"""What a line is."""


class RowReader:
    """Reads lines of one log.

    A log with a header whose first line begins with `{` has a JSON document on each line instead, and no header: the
    names of columns are those of its keys.
    """

    def __init__(self, columns: ColumnMap, header: str, timezone: str) -> None:
        """`header` is the first line where the map says so, `timezone` that of the log.

        Raises ColumnMapError where the map names a column that the header does not have.
        """
        self._map = columns
        self._json = columns.header and header.startswith("{")
        self._names = _named(columns) if self._json else self._split(header.rstrip("\r\n")) if columns.header else []
        self.header_lines = int(columns.header and not self._json)
        """Lines before the first call."""
        self._columns = len(self._names)
        self._faults: list[PolicyFault] = []
        self.clock = LogClock(columns.form, timezone)
        """The log's clock."""
        self._start = [self._place(column, columns.start_where) for column in columns.start]
        self._joined = len(self._start) > 1
        self._ignored = [
            (self._place(each.column, each.where), each.words, each.unless, each.begins, each.ends, Skipped(each.why))
            for each in columns.ignored
        ]
        fields = self._reads(columns.sources)
        self._fields = [(LoggedCall._fields.index(field), read) for field, read in fields.items()]
        self._call_id = fields.get("call_id")
        self._further = [
            (self._place(rule.column, rule.where), rule, self._reads(rule.sources)) for rule in columns.further
        ]
        self.joins = bool(columns.further)
        """Whether lines tell more of calls that other lines begin."""
        if self._faults:
            raise ColumnMapError(self._faults)
        self.tells = frozenset(fields).union(*(reads for _, _, reads in self._further))
        """Fields of calls that the log tells."""
        needed = [source.column for source in columns.sources.values() if not source.optional]
        self._least = max(int(each) for each in (*needed, *columns.start, 0) if isinstance(each, int))

    def read(self, lines: Sequence[str], first: int) -> Iterator[Found]:
        """What each line is, in order; `first` is the number of the first one."""
        found = self._found if self._further else self._call
        for start in range(0, len(lines), BLOCK):
            block = lines[start : start + BLOCK]
            rows: Sequence[Row | None] = self._rows(block)
            for number, (line, row) in enumerate(zip(block, rows, strict=True), first + start):
                try:
                    if not row or len(line) > LONGEST_LINE or line.isspace() or "\0" in line:
                        self._check(line)
                        row = self._split(line)
                    yield found(number, row)
                except DirtyError as wrong:
                    yield Dirty(number, str(wrong))
                except _SkippedError as skipped:
                    yield skipped.skipped

    def _rows(self, lines: Sequence[str]) -> Sequence[Row | None]:
        """Lines taken apart together, in half of the time; None for each where one of them spoils it for the others."""
        if self._map.quotes and not self._json:
            try:
                rows = list(csv.reader(lines, delimiter=self._map.delimiter, strict=True))
            except csv.Error:
                return [None] * len(lines)
            return rows if len(rows) == len(lines) else [None] * len(lines)  # an open quote swallows the next line
        return [None] * len(lines)

    def _check(self, line: str) -> None:
        if len(line) > LONGEST_LINE:
            raise DirtyError(f"longer than {LONGEST_LINE} characters")
        if not line or line.isspace():
            raise DirtyError("empty")
        if "\0" in line:
            raise DirtyError("holds a NUL byte")

    def _split(self, line: str) -> Row:
        line = line.removesuffix("\r")
        if self._json:
            return self._document(line)
        if not self._map.quotes or '"' not in line:
            return line.split(self._map.delimiter)
        try:
            return next(csv.reader((line,), delimiter=self._map.delimiter, strict=True))
        except csv.Error as wrong:
            raise DirtyError(f"quotes do not fit: {wrong}") from None

    def _document(self, line: str) -> Row:
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            raise DirtyError("no JSON document") from None
        if not isinstance(document, dict):
            raise DirtyError("no JSON document of keys and values")
        return [_text_of(document.get(name)) for name in self._names]

    def _found(self, line: int, row: Row) -> LoggedCall | Further:
        for place, rule, reads in self._further:
            if place < len(row) and row[place] in rule.words:
                try:
                    call_id = self._call_id(row) if self._call_id else ""
                    told = {field: read(row) for field, read in reads.items()}
                    return Further(call_id, self._at_s(row), rule.ends, told)
                except IndexError:
                    raise DirtyError(f"too few columns: {len(row)}") from None
        return self._call(line, row)

    def _call(self, line: int, row: Row) -> LoggedCall:
        if len(row) != self._columns if self._columns else len(row) < self._least:
            wanted = str(self._columns) if self._columns else f"at least {self._least}"
            raise DirtyError(f"wrong number of columns: {len(row)} instead of {wanted}")
        for place, words, unless, begins, ends, skipped in self._ignored:
            text = row[place] if place < len(row) else ""
            if (
                (words and text in words)
                or (unless and text not in unless)
                or (begins and text.startswith(begins))
                or (ends and text.endswith(ends))
            ):
                raise _SkippedError(skipped)
        call: list[Any] = [line, self._at_s(row), *_NOTHING]
        for place, read in self._fields:
            call[place] = read(row)
        return tuple.__new__(LoggedCall, call)  # as LoggedCall._make, in half of the time

    def _at_s(self, row: Row) -> int:
        text = " ".join([row[place] for place in self._start]) if self._joined else row[self._start[0]]
        try:
            return self.clock.at_s(text.strip())
        except (ValueError, OverflowError):
            raise DirtyError(f"no moment: {text[:40]!r}") from None

    def _reads(self, sources: Mapping[str, Source]) -> dict[str, Read]:
        """Readers by field of `LoggedCall`; without those of optional columns that the header does not have."""
        return {
            _RENAMED.get(field, field): self._read(field, source)
            for field, source in sources.items()
            if not (source.optional and self._names and isinstance(source.column, str)) or source.column in self._names
        }

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
        convert = CONVERSIONS.get(field, str.strip)
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
                raise DirtyError(f"{field} is none of the words: {word[:40]!r}")
            return value

        return meant

    def _text(self, source: Source) -> Text:
        place = self._place(source.column, source.where)

        def plain(row: Row) -> str:
            return row[place].strip()

        def optional(row: Row) -> str:
            return row[place].strip() if place < len(row) else ""

        read = optional if source.optional else plain
        if source.pattern is None:
            return read
        return (_all_taken_out if source.all else _taken_out)(read, source.pattern)


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


def _all_taken_out(read: Text, pattern: re.Pattern[str]) -> Text:
    return lambda row: ",".join(found[1] or "" for found in pattern.finditer(read(row)))


def _named(columns: ColumnMap) -> list[str]:
    """Every name of a column in a map, once."""
    sources = [*columns.sources.values(), *(each for rule in columns.further for each in rule.sources.values())]
    named = [*columns.start, *(source.column for source in sources)]
    named += [*(ignored.column for ignored in columns.ignored), *(rule.column for rule in columns.further)]
    return list(dict.fromkeys(name for name in named if isinstance(name, str)))


def _text_of(value: Any) -> str:
    """A value of a JSON document as a column would have it."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


_RENAMED = {"head_start": "head_start_s"}

_NOTHING = LoggedCall(0, 0, "")[2:]
