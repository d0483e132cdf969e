"""Lines of a log -> calls, by a column map; a line that is no call says why."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ..errors import ColumnMapError, PolicyFault
from ..policy.file.words import nearest
from .block_reader import NOTHING, ApartError, BlockReader, Leaving, Skipped
from .columns import Column, ColumnMap, Source
from .field_reader import FieldReader, Row, field_reader
from .log_clock import LogClock
from .past_call import LoggedCall
from .texts import DirtyError

LONGEST_LINE = 65_536
"""Characters; what is longer is no line of a log."""

BLOCK = 64
"""Lines read together."""

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between columns, for a guess."""

FEW = 8
"""Lines of a block that are read one by one when anything is the matter with one of them."""


class Dirty(NamedTuple):
    """A line that cannot be read."""

    line: int
    """Where it is, counted from 1."""
    reason: str
    """Why; what stands before its first colon is the kind of reason."""


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

    def __init__(self, columns: ColumnMap, header: str, timezone: str, unasked: Collection[str] = ()) -> None:
        """`header` is the first line where the map says so, `timezone` that of the log.

        Fields that are `unasked` are left out of the calls, unless a text of theirs could make a line a dirty one.

        Raises ColumnMapError where the map names a column that the header does not have.
        """
        self._map = columns
        self._json = columns.header and header.startswith("{")
        self._names = _named(columns) if self._json else self._headings(header) if columns.header else []
        self.header_lines = int(columns.header and not self._json)
        """Lines before the first call."""
        self._columns = len(self._names)
        self._faults: list[PolicyFault] = []
        self.clock = LogClock(columns.form, timezone)
        """The log's clock."""
        self._start = [self._place(column, columns.start_where) for column in columns.start]
        self._joined = len(self._start) > 1
        self._ignored = [
            Leaving(self._place(each.column, each.where), *each[1:5], Skipped(each.why)) for each in columns.ignored
        ]
        fields = self._reads(
            {field: source for field, source in columns.sources.items() if field not in unasked or source.words}
        )
        self._fields = {LoggedCall._fields.index(field): reader for field, reader in fields.items()}
        self._blocks = BlockReader(self.clock, self._start, self._ignored, self._fields)
        self._call_id = fields.get("call_id")
        self._further = [
            (self._place(rule.column, rule.where), rule, self._reads(rule.sources)) for rule in columns.further
        ]
        self.joins = bool(columns.further)
        """Whether lines tell more of calls that other lines begin."""
        if self._faults:
            wanted = set(_named(columns)) if columns.header else set()
            raise ColumnMapError([self._alien(header)] if wanted and wanted.isdisjoint(self._names) else self._faults)
        self.tells = frozenset(fields).union(*(reads for _, _, reads in self._further))
        """Fields of calls that the log tells."""
        needed = [source.column for source in columns.sources.values() if not source.optional]
        self._least = max(int(each) for each in (*needed, *columns.start, 0) if isinstance(each, int))

    def read(self, lines: Sequence[str], first: int) -> Iterator[Found]:
        """What each line is, in order; `first` is the number of the first one."""
        for start in range(0, len(lines), BLOCK):
            yield from self._block(lines[start : start + BLOCK], first + start)

    def _block(self, lines: Sequence[str], first: int) -> Iterable[Found]:
        """What lines are, read together; one that something is wrong with ends up among few, halving by halving."""
        if self._json or self._further or len(lines) <= FEW:
            return self._one_by_one(lines, first)
        try:
            return self._blocks.read(self._together(lines), first)
        except (ApartError, DirtyError, csv.Error, IndexError, ValueError, OverflowError):
            half = len(lines) // 2
            return chain(self._block(lines[:half], first), self._block(lines[half:], first + half))

    def _together(self, lines: Sequence[str]) -> Sequence[Row]:
        """Lines taken apart, each a row of as many columns as a call has; else raises ApartError or csv.Error."""
        if max(map(len, lines)) > LONGEST_LINE or True in map(str.isspace, lines) or "\0" in "".join(lines):
            raise ApartError
        rows = self._rows(lines)
        if len(rows) != len(lines):  # an open quote swallows the next line
            raise ApartError
        if len(rows[0]) != self._columns if self._columns else len(rows[0]) < self._least:
            raise ApartError  # the reader of blocks sees to it that the others are as long
        return rows

    def _rows(self, lines: Sequence[str]) -> Sequence[Row]:
        if self._map.quotes:
            return list(csv.reader(lines, delimiter=self._map.delimiter, strict=True))
        return [line.removesuffix("\r").split(self._map.delimiter) for line in lines]

    def _one_by_one(self, lines: Sequence[str], first: int) -> Iterator[Found]:
        found = self._found if self._further else self._call
        for number, line in enumerate(lines, first):
            try:
                self._check(line)
                yield found(number, self._split(line))
            except DirtyError as wrong:
                yield Dirty(number, str(wrong))

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

    def _headings(self, header: str) -> Row:
        """The names of the columns; raises ColumnMapError where the first line cannot be taken apart."""
        try:
            return self._split(header.rstrip("\r\n"))
        except DirtyError as wrong:
            remedy = "quotes = false under [file] of the map, if they mean nothing there"
            raise ColumnMapError(
                [PolicyFault(self._map.name, 1, 1, f"the log's first line: {wrong}", remedy)]
            ) from None

    def _alien(self, header: str) -> PolicyFault:
        """What is wrong with a map of which the log's first line names not one column."""
        most = max(DELIMITERS, key=header.count)
        if most != self._map.delimiter and header.count(most) > header.count(self._map.delimiter):
            remedy = f"it has {header.count(most)} of {most!r}: write delimiter = {json.dumps(most)} under [file]"
        else:
            remedy = f"it is {header[:60]!r}; where that names no columns: header = false, and columns counted from 1"
        file, _, line = self._map.start_where.rpartition(":")
        return PolicyFault(file, int(line), 1, "the log's first line names not one column of this map", remedy)

    def _found(self, line: int, row: Row) -> LoggedCall | Further | Skipped:
        for place, rule, reads in self._further:
            if place < len(row) and row[place] in rule.words:
                try:
                    call_id = self._call_id.of_row(row) if self._call_id else ""
                    told = {field: reader.of_row(row) for field, reader in reads.items()}
                    return Further(call_id, self._at_s(row), rule.ends, told)
                except IndexError:
                    raise DirtyError(f"too few columns: {len(row)}") from None
        return self._call(line, row)

    def _call(self, line: int, row: Row) -> LoggedCall | Skipped:
        if len(row) != self._columns if self._columns else len(row) < self._least:
            wanted = str(self._columns) if self._columns else f"at least {self._least}"
            raise DirtyError(f"wrong number of columns: {len(row)} instead of {wanted}")
        for rule in self._ignored:
            if rule.holds(row[rule.place] if rule.place < len(row) else ""):
                return rule.skipped
        call: list[Any] = [line, self._at_s(row), *NOTHING]
        for place, field in self._fields.items():
            call[place] = field.of_row(row)
        return LoggedCall._make(call)

    def _at_s(self, row: Row) -> int:
        text = " ".join([row[place] for place in self._start]) if self._joined else row[self._start[0]]
        try:
            return self.clock.at_s(text)
        except (ValueError, OverflowError):
            raise DirtyError(f"no moment: {text[:40]!r}") from None

    def _reads(self, sources: Mapping[str, Source]) -> dict[str, FieldReader]:
        """Readers by field of `LoggedCall`; without those of optional columns that the header does not have."""
        return {
            _RENAMED.get(field, field): field_reader(
                field, source, self._place(source.column, source.where) if source.column else 0
            )
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
