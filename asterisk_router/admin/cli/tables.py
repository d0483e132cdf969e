"""How results look: aligned columns with a count at the bottom, as Asterisk prints them, or JSON."""

from __future__ import annotations

import json
import re
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


MEASURED = 1000
"""Rows whose widths make the columns; of more, none is kept in memory, and a wider one only stands out."""

_BEYOND_ASCII = re.compile("[^ -~\n]")


class Table:
    """Rows under their headers and, last, how many there are: `2 tags`; numbers stand to the right."""

    def __init__(self, headers: Sequence[str], one: str, many: str = "") -> None:
        self._headers = headers
        self._names = (one, many or one + "s")
        self._first: list[list[str]] = []
        self._columns: list[tuple[int, bool]] = []
        self._count = 0

    def add(self, row: Sequence[object]) -> None:
        """One more row; the first ones are held back until their columns are known."""
        self._count += 1
        cells = [_shown(value) for value in row]
        if self._columns:
            self._print(cells)
        else:
            self._first.append(cells)
            if len(self._first) == MEASURED:
                self._print_first()

    def end(self) -> None:
        """Print what was held back, and the count."""
        if not self._columns:
            self._print_first()
        click.echo(f"{self._count} {self._names[self._count != 1]}")

    def _print_first(self) -> None:
        columns = list(zip(self._headers, *self._first, strict=True))
        numeric = [bool(self._first) and all(map(_is_number, column[1:])) for column in columns]
        self._columns = list(zip((max(map(len, column)) for column in columns), numeric, strict=True))
        for cells in (list(self._headers), *self._first):
            self._print(cells)

    def _print(self, cells: Sequence[str]) -> None:
        columns = zip(cells, self._columns, strict=True)
        click.echo("  ".join(f"{text:{'>' if right else '<'}{width}}" for text, (width, right) in columns).rstrip())


class JsonList:
    """A list of records as one JSON document, each printed as it comes."""

    def __init__(self) -> None:
        self._began = "["

    def add(self, record: Any) -> None:
        """One more record."""
        click.echo(f"{self._began}\n{indent(_dumped(record, 2), '  ')}", nl=False)
        self._began = ","

    def end(self) -> None:
        """Close the list."""
        click.echo("[]" if self._began == "[" else "\n]")


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], one: str, many: str = "") -> None:
    """All rows at once; see `Table`."""
    table = Table(headers, one, many)
    for row in rows:
        table.add(row)
    table.end()


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Names and values, one pair a line, as `core show settings` prints them; empty values are left out."""
    shown = [(name, _shown(value)) for name, value in facts if value not in ("", None, ())]
    width = max((len(name) for name, _ in shown), default=0)
    for name, text in shown:
        click.echo(f"  {name + ':':<{width + 1}}  {text}")


def print_json(value: Any) -> None:
    """One JSON document, indented for people."""
    click.echo(_dumped(value, 2))


def print_json_line(value: Any) -> None:
    """One JSON document on one line, for streams of them."""
    click.echo(_dumped(value))


def as_plain(record: Any) -> Any:
    """A record, and every record inside it, as dicts and lists under the names of their fields."""
    if isinstance(record, tuple):
        if hasattr(record, "_asdict"):
            return {name: as_plain(value) for name, value in record._asdict().items()}
        return [as_plain(value) for value in record]
    return record


def printable(text: str) -> str:
    """Text without what would command a terminal: callers choose their own names.

    >>> printable("Ann\\x1b[2J")
    'Ann\ufffd[2J'
    """
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def say(text: str) -> None:
    """A sentence on a line of its own."""
    click.echo(printable(text))


def _dumped(value: Any, indent_by: int | None = None) -> str:
    """A JSON document that commands no terminal and turns no writing round: what is not printable is escaped."""
    return _BEYOND_ASCII.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent_by))


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    return sign if sign.isprintable() else "\\u007f" if sign == "\x7f" else json.dumps(sign)[1:-1]


def _shown(value: object) -> str:
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return printable(", ".join(map(str, value)))
    return printable(str(value))


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
