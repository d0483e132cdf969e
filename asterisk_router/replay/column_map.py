"""Which column of a log holds what: a TOML file, read and checked like a policy, every fault with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, get_args

from ..callers.caller import CallOutcome
from ..errors import ColumnMapError, PolicyFault
from ..policy.file.document import Document, read_document
from ..policy.file.positions import Path as Place
from ..policy.file.words import nearest, seconds_of
from ..policy.schedules import zone
from .columns import FIELDS, SPANS, Column, ColumnMap, FurtherRule, Ignored, Source
from .log_clock import EPOCH

MAPS = Path(__file__).parent / "maps"
"""Where the shipped maps lie."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "file": ("delimiter", "header", "encoding", "quotes"),
    "start": ("columns", "format", "timezone"),
    "columns": FIELDS,
    "ignore": ("column", "is", "is_not", "begins", "ends", "why"),
    "further": ("column", "is", "ends", "columns"),
}
"""Sections of a map and their keys."""

_SOURCE = ("column", "text", "words", "other", "pattern", "optional", "all", "person")
_OUTCOMES = get_args(CallOutcome)


def shipped_maps() -> list[str]:
    """Names of the maps that come with the product."""
    return sorted(path.stem for path in MAPS.glob("*.toml"))


def column_map(text: str, file: str) -> ColumnMap:
    """The map in a text; raises ColumnMapError with every fault, placed in `file`.

    What does not fit a log later is placed there, too: a shipped map by its whole path, for people to copy it from.
    """
    faults: list[PolicyFault] = []
    path = Path(file)
    document = read_document(file, file if path.parent == MAPS else path.name, text, faults)
    read = _Reading(document, faults) if document else None
    made = read.map() if read else None
    if made is None or faults:
        raise ColumnMapError(faults)
    return made


class _Reading:
    """One map being checked."""

    def __init__(self, document: Document, faults: list[PolicyFault]) -> None:
        self._document = document
        self._faults = faults

    def map(self) -> ColumnMap | None:
        """The map; whatever is wrong with it is added to the faults."""
        tables = self._document.tables
        self._only((), tables, SECTIONS)
        file = self._table((), tables, "file")
        start = self._table((), tables, "start")
        columns = self._table((), tables, "columns")
        for section, table in (("file", file), ("start", start), ("columns", columns)):
            self._only((section,), table, SECTIONS[section])
        if "columns" in tables and "caller" not in columns:
            self._fault(("columns",), "caller is missing", "name the column that says who called")
        further = self._further(tables.get("further", []))
        if further and "call_id" not in columns:
            self._fault(("columns",), "call_id is missing", "by it [[further]] finds the call that lines tell more of")
        caller = columns.get("caller")
        return ColumnMap(
            self._document.short, self._delimiter(file), self._value(("file",), file, "header", bool, False),
            self._encoding(file), self._value(("file",), file, "quotes", bool, True), self._start(start),
            self._document.where(("start", "columns")), self._format(start), self._timezone(start),
            self._sources(("columns",), columns),
            isinstance(caller, dict) and bool(caller.get("person")), self._ignored(tables.get("ignore", [])),
            further,
        )  # fmt: skip

    def _fault(self, place: Place, problem: str, remedy: str = "") -> None:
        self._faults.append(self._document.fault_inside(place, problem, remedy))

    def _only(self, place: Place, table: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in table:
            if key not in known:
                self._faults.append(self._document.fault((*place, key), f"unknown key {key!r}", nearest(key, known)))

    def _table(self, place: Place, holder: Mapping[str, Any], key: str) -> dict[str, Any]:
        table = holder.get(key)
        if isinstance(table, dict):
            return table
        if table is None:
            self._fault(place, f"[{key}] is missing", f"it holds {', '.join(SECTIONS[key])}")
        else:
            self._fault((*place, key), f"{key} must be a table", f"write [{key}]")
        return {}

    def _value(self, place: Place, table: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
        value = table.get(key, default)
        if type(value) is not kind:
            word = {str: "text", bool: "true or false", dict: "a table", list: "a list"}[kind]
            self._fault((*place, key), f"{key} must be {word}")
            return default
        return value

    def _texts(self, place: Place, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = self._value(place, table, key, list, [])
        if not all(isinstance(each, str) for each in value):
            self._fault((*place, key), f"{key} must be a list of texts", 'write ["..."]')
            return ()
        return tuple(value)

    def _delimiter(self, file: Mapping[str, Any]) -> str:
        delimiter: str = self._value(("file",), file, "delimiter", str, ",")
        if len(delimiter) != 1 or delimiter in '\r\n"':
            self._fault(("file", "delimiter"), f"{delimiter!r} separates nothing", 'write one sign: "," or "\\t"')
        return delimiter

    def _encoding(self, file: Mapping[str, Any]) -> str:
        encoding: str = self._value(("file",), file, "encoding", str, "utf-8")
        try:
            same = "\n".encode(encoding) == b"\n"
        except LookupError:
            self._fault(("file", "encoding"), f"no such encoding: {encoding}", "utf-8, latin-1, cp1250...")
        else:
            if not same:
                self._fault(("file", "encoding"), f"{encoding} has no plain line ends", "write the log as utf-8 first")
        return encoding

    def _column(self, place: Place, value: Any) -> Column:
        if isinstance(value, str) and value or type(value) is int and value > 0:
            return value if isinstance(value, str) else int(value)
        self._fault(place, f"{value!r} is no column", "a name of the header, or a place counted from 1")
        return 1

    def _start(self, start: Mapping[str, Any]) -> tuple[Column, ...]:
        columns = self._value(("start",), start, "columns", list, [])
        if "start" in self._document.tables and not columns:
            self._fault(("start",), "columns is missing", "name the columns that tell when the call rang")
        return tuple(self._column(("start", "columns", at), each) for at, each in enumerate(columns))

    def _format(self, start: Mapping[str, Any]) -> str:
        form: str = self._value(("start",), start, "format", str, "%Y-%m-%d %H:%M:%S")
        if form != EPOCH:
            try:
                datetime.strptime(datetime(2020, 2, 3, 4, 5, 6, tzinfo=timezone.utc).strftime(form), form)
            except ValueError as wrong:
                self._fault(("start", "format"), f"{form!r} cannot be read: {wrong}", f"as of strptime, or {EPOCH!r}")
        return form

    def _timezone(self, start: Mapping[str, Any]) -> str:
        timezone: str = self._value(("start",), start, "timezone", str, "")
        try:
            zone(timezone or "UTC")
        except (ValueError, KeyError):
            self._fault(("start", "timezone"), f"no such time zone: {timezone!r}", "write one like 'Europe/London'")
        return timezone

    def _sources(self, place: Place, columns: Mapping[str, Any]) -> dict[str, Source]:
        return {field: self._source((*place, field), field, columns[field]) for field in FIELDS if field in columns}

    def _source(self, place: Place, field: str, value: Any) -> Source:
        where = self._document.where(place)
        if not isinstance(value, dict):
            return Source(self._column(place, value), where=where)
        self._only(place, value, _SOURCE)
        if ("column" in value) == ("text" in value):
            self._fault(place, f"{field} needs a column, or a text that every call has")
        if "person" in value and field != "caller":
            self._fault((*place, "person"), "only a caller is a person")
        words = {str(key): each for key, each in self._value(place, value, "words", dict, {}).items()}
        text = self._value(place, value, "text", str, "")
        other = self._value(place, value, "other", str, "") if "other" in value else None
        given: list[tuple[Place, Any]] = [((*place, "words", word), meant) for word, meant in words.items()]
        given += [((*place, key), value[key]) for key in ("text", "other") if key in value]
        for at, meant in given:
            self._meaning(at, field, meant)
        return Source(
            self._column((*place, "column"), value["column"]) if "column" in value else 0, text,
            words if "words" in value else None, other, self._pattern(place, value),
            self._value(place, value, "optional", bool, False), self._value(place, value, "all", bool, False), where,
        )  # fmt: skip

    def _meaning(self, place: Place, field: str, meant: Any) -> None:
        if not isinstance(meant, str):
            self._fault(place, f"{meant!r} must be text", f'write "{meant}"')
        elif field == "outcome" and meant not in _OUTCOMES:
            self._fault(place, f"{meant!r} is no outcome", f"known: {', '.join(_OUTCOMES)}")
        elif field == "head_start" and meant and seconds_of(meant) is None:
            self._fault(place, f"{meant!r} is no duration", "write it as 90s or 5m")
        elif field in (*SPANS, "value") and meant and not meant.isdecimal():
            self._fault(place, f"{meant!r} is no whole number")

    def _pattern(self, place: Place, value: Mapping[str, Any]) -> re.Pattern[str] | None:
        if "pattern" not in value:
            return None
        try:
            pattern = re.compile(self._value(place, value, "pattern", str, "()"))
        except re.error as wrong:
            self._fault((*place, "pattern"), f"no regular expression: {wrong}")
            return None
        if not pattern.groups:
            self._fault((*place, "pattern"), "takes nothing out", "put what is wanted in brackets: '/(.+)-'")
            return None
        return pattern

    def _ignored(self, tables: Any) -> tuple[Ignored, ...]:
        ignored = []
        for index, table in enumerate(self._list("ignore", tables)):
            place: Place = ("ignore", index)
            self._only(place, table, SECTIONS["ignore"])
            words, unless, begins, ends = (self._texts(place, table, key) for key in ("is", "is_not", "begins", "ends"))
            if not (words or unless or begins or ends):
                self._fault(place, "ignores nothing", 'say is = ["..."], is_not, begins or ends')
            why: str = self._value(place, table, "why", str, "")
            if not why:
                self._fault(place, "why is missing", "the report says it")
            column = self._column((*place, "column"), table.get("column"))
            where = self._document.where(place)
            ignored.append(Ignored(column, frozenset(words), frozenset(unless), begins, ends, why, where))
        return tuple(ignored)

    def _further(self, tables: Any) -> tuple[FurtherRule, ...]:
        further = []
        for index, table in enumerate(self._list("further", tables)):
            place: Place = ("further", index)
            self._only(place, table, SECTIONS["further"])
            words = self._texts(place, table, "is")
            if not words:
                self._fault(place, "is is missing", 'name the words of its column: is = ["CONNECT"]')
            columns = self._value(place, table, "columns", dict, {})
            self._only((*place, "columns"), columns, [field for field in FIELDS if field not in ("caller", "call_id")])
            column = self._column((*place, "column"), table.get("column"))
            ends = self._value(place, table, "ends", bool, False)
            sources = self._sources((*place, "columns"), columns)
            further.append(FurtherRule(column, frozenset(words), ends, sources, self._document.where(place)))
        return tuple(further)

    def _list(self, key: str, tables: Any) -> list[dict[str, Any]]:
        if isinstance(tables, list):
            return tables
        self._fault((key,), f"{key} must be a list of tables", f"write [[{key}]]")
        return []
