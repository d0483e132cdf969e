"""Rows of somebody else's CSV file read as callers, by a map of our fields to their columns."""

from __future__ import annotations

import re
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ...callers import tags
from ...callers.caller import Caller, History, Tag
from ...errors import RouterError
from .targets import LOOKED_UP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...numbering.plan import NumberingPlan

FIELDS = ("number", "name", "tag", "evidence", "value", "orders", "language", "own_agent", "open_matter")
"""What a column can be mapped to; `number`, `tag` and `open_matter` more than once."""

SEVERAL = ("number", "tag", "open_matter")
ALIKE = ("tag", "evidence", "language", "own_agent", "orders", "open_matter")
Alike = tuple[tuple[Tag, ...], str, str, tuple[str, ...], int]
NO_CALLS = History()
BETWEEN = re.compile(r"\s*[;|,]\s*")
MOST_DIGITS = 18
"""Of an amount: any number of so many digits is below 2^63, which is what can be stored."""
MONEY = re.compile(r"(-?[0-9]+)(?:[.,][0-9]{0,2})?")
ALIKE_MAX = 10_000

_new = tuple.__new__  # half of the time of Caller(...), which is a million times too much


class RowRejectedError(RouterError):
    """A row that cannot become a caller, as `kind of fault: what was written`; the import goes on with the next."""


class FieldSource(NamedTuple):
    """Where one field of a caller comes from."""

    field: str
    """One of `FIELDS`."""
    column: str = ""
    """Header of the column, or its place counted from 1; empty for a constant."""
    constant: str = ""
    """The same text for every row."""


def parse_map(written: Sequence[str]) -> list[FieldSource]:
    """Read `number=Phone,number=Mobile,tag:=customer`: `=` names a column, `:=` gives every row the same text.

    Raises RouterError for a word that is no field, a field given twice, and a map without `number`.
    """
    sources: list[FieldSource] = []
    for pair in ",".join(written).split(","):
        field, equals, column = pair.partition("=")
        is_constant, field = field.endswith(":"), field.rstrip(":").strip()
        if not equals or field not in FIELDS:
            raise RouterError(f"--map {pair!r} says nothing", remedy=f"FIELD=COLUMN, FIELD one of {', '.join(FIELDS)}")
        if field not in SEVERAL and any(source.field == field for source in sources):
            raise RouterError(f"--map gives {field} twice")
        sources.append(FieldSource(field, constant=column) if is_constant else FieldSource(field, column.strip()))
    if not any(source.field == "number" for source in sources):
        raise RouterError("--map names no column for number", remedy="number=COLUMN")
    return sources


class RowReader:
    """Turns rows into callers; made once for a file, so that a row costs a microsecond or two."""

    def __init__(
        self, sources: Sequence[FieldSource], header: Sequence[str], plan: NumberingPlan, author: str, now_s: int
    ) -> None:
        self.width = len(header)
        """How many columns every row must have."""
        self.dropped_numbers = 0
        """Further numbers of a person left out because no caller is kept under them."""
        self._normalise = plan.normalise
        self._author = author
        self._now_s = now_s
        # constants, and nothing for a field that is not mapped, are more cells at the end of a row
        added = [source.constant for source in sources if not source.column] + [""]
        nothing = self.width + len(added) - 1
        places = _places(sources, header)
        self._numbers = places["number"]
        own = [(places[field] or [nothing])[0] for field in ("number", "name", "value")]
        alike = [place for field in ALIKE for place in places[field]]
        alike += [nothing] * (2 - len(alike))  # of two or more places an itemgetter makes a tuple
        self._own_cells, self._alike_cells = itemgetter(*own), itemgetter(*alike)
        self._alike_counts = [len(places[field]) for field in ALIKE]
        self._alike: dict[tuple[str, ...], Alike] = {}
        self._added = added if max(*own, *alike, *self._numbers) >= self.width else []

    def caller(self, row: list[str]) -> Caller:
        """The caller of one row; raises RowRejectedError with the reason."""
        if len(row) != self.width:
            raise RowRejectedError(f"not as many columns as the header: {len(row)}, not {self.width}")
        if self._added:
            row += self._added
        written, name, value = self._own_cells(row)
        number = self._normalise(written)
        if number[0] in LOOKED_UP and len(self._numbers) == 1:
            numbers: tuple[str, ...] = (number[1],)
        else:
            numbers = self._numbers_of(row)
        cells = self._alike_cells(row)
        tags, language, own_agent, matters, orders = self._alike.get(cells) or self._read_alike(cells)
        worth = int(value) if value.isdecimal() and len(value) <= MOST_DIGITS else _amount("value", value)
        return _new(Caller, (numbers, name.strip(), tags, worth, orders, language, own_agent, matters, NO_CALLS))

    def _numbers_of(self, row: list[str]) -> tuple[str, ...]:
        usable: list[str] = []
        unusable = []
        for place in self._numbers:
            written = row[place]
            if not written.strip():
                continue
            number = self._normalise(written)
            if number.kind not in LOOKED_UP:
                unusable.append(f"{number.kind} number: {written!r}")
            elif number.key not in usable:
                usable.append(number.key)
        if not usable:
            raise RowRejectedError(", ".join(unusable) or "no number")
        self.dropped_numbers += len(unusable)
        return tuple(usable)

    def _read_alike(self, cells: tuple[str, ...]) -> Alike:
        """What many rows have in common, read once for all of them."""
        rest = iter(cells)
        names, *single, matters = (list(islice(rest, count)) for count in self._alike_counts)
        evidence, language, own_agent, orders = (" ".join(field).strip() for field in single)
        tags = tuple([Tag(name, self._author, evidence, created_at_s=self._now_s) for name in _words(names)])
        read = tags, language, own_agent, _words(matters), _amount("orders", orders)
        if len(self._alike) == ALIKE_MAX:
            self._alike.clear()
        self._alike[cells] = read
        return read


def _places(sources: Sequence[FieldSource], header: Sequence[str]) -> dict[str, list[int]]:
    """For every field the places of its cells in a row, constants lying behind the last column."""
    places: dict[str, list[int]] = {field: [] for field in FIELDS}
    constants = 0
    for source in sources:
        if source.column:
            places[source.field].append(_column(source.column, header))
        else:
            places[source.field].append(len(header) + constants)
            constants += 1
    return places


def _column(wanted: str, header: Sequence[str]) -> int:
    if wanted in header:
        return header.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(header):
        return int(wanted) - 1
    raise RouterError(f"the file has no column {wanted!r}", remedy=f"it has {', '.join(header)}")


def _amount(field: str, written: str) -> int:
    if not written:
        return 0
    if len(written) <= MOST_DIGITS and written.isdecimal():
        return int(written)
    money = MONEY.fullmatch(written.strip())
    if not money:
        raise RowRejectedError(f"{field} is no whole number: {written[:40]!r}")
    if len(money[1]) > MOST_DIGITS:
        raise RowRejectedError(f"{field} is too large: {written[:40]!r}")
    return int(money[1])


def _words(cells: Sequence[str]) -> tuple[str, ...]:
    """The tag-like words of cells such as `Customer; Key account`: `customer`, `key-account`."""
    names = dict.fromkeys(
        "-".join(word.lower().split()) for cell in cells for word in BETWEEN.split(cell) if word.strip()
    )
    for name in names:
        if not tags.NAME.fullmatch(name):
            raise RowRejectedError(f"no tag name: {name!r}")
    return tuple(names)
