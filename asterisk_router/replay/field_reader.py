"""Reads one field of a call: where its text stands in a row, and what the text means."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from .columns import Source
from .texts import CONVERSIONS, DirtyError

Row = Sequence[str]
"""One line, taken apart."""

ValueOf = Callable[[str], Any]
"""What a text, stripped, means; raises DirtyError."""

NOWHERE = sys.maxsize
"""The place of a text that no row has."""

MOST_KNOWN = 4096
"""Texts of a field whose meaning is kept."""

_OUTCOMES = {word: word for word in ("answered", "missed", "unknown")}


class FieldReader(NamedTuple):
    """One field, for a row as for many."""

    place: int
    """Index of its column in a row."""
    optional: bool
    """Whether a row may end before it; the text is empty then."""
    value_of: ValueOf
    """What the text means."""

    def of_row(self, row: Row) -> Any:
        """The field of one row; raises DirtyError, IndexError."""
        there = not self.optional or self.place < len(row)
        return self.value_of(row[self.place].strip() if there else "")

    def of_columns(self, columns: Sequence[Sequence[str]]) -> Iterable[Any]:
        """The field of rows equally long, given by their columns; raises DirtyError when it is read, IndexError."""
        if self.optional and self.place >= len(columns):
            return repeat(self.value_of(""))
        texts = map(str.strip, columns[self.place])
        return texts if self.value_of is as_it_is else map(self.value_of, texts)


def field_reader(field: str, source: Source, place: int) -> FieldReader:
    """The reader of a field that a map names, whose column is at that index."""
    convert = CONVERSIONS.get(field, as_it_is)
    if source.column == 0:
        value = convert(source.text.strip())
        return FieldReader(NOWHERE, True, lambda _: value)
    meant = _meaning(field, source, convert)
    if source.pattern is None:
        return FieldReader(place, source.optional, meant)
    taken = (_all_taken_out if source.all else _taken_out)(source.pattern)
    return FieldReader(place, source.optional, taken if meant is as_it_is else lambda text: meant(taken(text)))


def as_it_is(text: str) -> str:
    """A text that means itself."""
    return text


def _meaning(field: str, source: Source, convert: ValueOf) -> ValueOf:
    words = _OUTCOMES if field == "outcome" and source.words is None else source.words
    if words is None and source.other is None:
        return convert if convert is as_it_is else _Known(convert).__getitem__
    otherwise = None if source.other is None else convert(source.other.strip())
    return _Words(field, {word: convert(meant.strip()) for word, meant in (words or {}).items()}, otherwise).__getitem__


class _Known(dict[str, Any]):
    """What texts mean that a function reads; those met first are kept: the same seconds come again and again."""

    def __init__(self, convert: ValueOf) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str) -> Any:
        value = self._convert(text)
        if len(self) < MOST_KNOWN:
            self[text] = value
        return value


class _Words(dict[str, Any]):
    """What words mean."""

    def __init__(self, field: str, meanings: Mapping[str, Any], otherwise: Any) -> None:
        super().__init__(meanings)
        self._field = field
        self._otherwise = otherwise

    def __missing__(self, word: str) -> Any:
        if self._otherwise is None:
            raise DirtyError(f"{self._field} is none of the words: {word[:40]!r}")
        return self._otherwise


def _taken_out(pattern: re.Pattern[str]) -> ValueOf:
    search = pattern.search

    def taken(text: str) -> str:
        found = search(text)
        return (found[1] or "") if found else ""

    return taken


def _all_taken_out(pattern: re.Pattern[str]) -> ValueOf:
    return lambda text: ",".join(found[1] or "" for found in pattern.finditer(text))
