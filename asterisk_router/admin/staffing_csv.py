"""Lines of somebody else's log of calls, read as staffing needs them, by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from math import isfinite, nan
from typing import Final, NamedTuple, TextIO, TypeVar

from ..errors import RouterError
from ..policy.words import nearest
from ..replay.arrivals import StaffedCall
from ..replay.economics import ValuedCall

Read = TypeVar("Read")

SHOWN_REJECTIONS: Final = 20
"""Rejected lines kept for the screen."""

CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?(?![\d:])")
SPAN = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)\Z")
DAYS = {
    re.compile(r"\d{4}-\d\d-\d\d\Z"): "%Y-%m-%d",
    re.compile(r"\d{8}\Z"): "%Y%m%d",
    re.compile(r"\d{6}\Z"): "%y%m%d",
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}\Z"): "%d.%m.%Y",
}


class Columns(NamedTuple):
    """Which column says what: its header, or its place counted from 1. Of places alone, the file has no header."""

    started: str
    """When the caller asked for an agent: a moment, seconds since 1970, or a time of day where `date` has the day."""
    talked: str
    """How long an agent talked: seconds, or `h:mm:ss`."""
    date: str = ""
    """The day: `2026-11-23`, `20261123`, `261123` or `23.11.2026`."""
    waited: str = ""
    """How long the caller waited for an agent, answered or not."""
    outcome: str = ""
    """How the call ended; without it a call of no conversation was not answered."""
    answered: tuple[str, ...] = ("ANSWERED",)
    """What stands in `outcome` where an agent answered."""
    ignored: tuple[str, ...] = ()
    """What stands in `outcome` where it was no call."""
    caller_class: str = ""
    """The class of the caller, or whatever callers are told apart by; economics asks for it."""
    value: str = ""
    """What the call brings when it is answered."""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Columns, and what has to stand in each for the call to count."""


class LineRejectedError(RouterError):
    """A line that is no call; the rest goes on."""


class RejectedLine(NamedTuple):
    """A line that is no call."""

    line: int
    """Where it ends in the file, counted from 1."""
    reason: str
    """Why, for whoever mends the file."""


class StaffedCalls:
    """The calls of a file, one after the other, and what became of its lines."""

    def __init__(self, file: TextIO, columns: Columns, wrap_up_s: float = 0.0) -> None:
        self.rejected = 0
        """Lines that are no call."""
        self.first_rejections: list[RejectedLine] = []
        """The first `SHOWN_REJECTIONS` of them."""
        self.left_out = 0
        """Calls that `ignored` and `only` leave out."""
        self._columns, self._wrap_up_s = columns, wrap_up_s
        first = file.readline()
        if not first.strip():
            raise RouterError("the file is empty", remedy="its first line names the columns")
        delimiter = max(",;\t|", key=first.count)
        named = [columns.started, columns.talked, columns.date, columns.waited, columns.outcome]
        named += [columns.caller_class, columns.value]
        named += [name for name, _ in columns.only]
        self._rows = csv.reader(chain([first], file), delimiter=delimiter)
        header = [] if all(name.isdecimal() for name in named if name) else next(self._rows)
        self._width = len(header)
        self._places = [_place(name, header) for name in named]

    def __iter__(self) -> Iterator[StaffedCall]:
        """Every call that counts; a line that is none is noted, and the rest goes on."""
        return self._read(self._call)

    def valued(self) -> Iterator[ValuedCall]:
        """The same with class and value; to be asked for in place of the calls, not after them."""
        return self._read(self._valued)

    def _read(self, of_row: Callable[[list[str]], Read | None]) -> Iterator[Read]:
        rows = self._rows
        while True:
            try:
                for row in rows:
                    if row and (call := of_row(row)):
                        yield call
                return
            except LineRejectedError as fault:
                self._reject(str(fault))
            except IndexError:
                self._reject("too few columns")
            except csv.Error as fault:
                self._reject(f"not CSV: {fault}")

    def _call(self, row: list[str]) -> StaffedCall | None:
        if self._width and len(row) != self._width:
            raise LineRejectedError(f"not as many columns as the header: {len(row)}, not {self._width}")
        started, talked, day, waited, outcome, _, _, *only = self._places
        columns = self._columns
        said = row[outcome].strip() if outcome is not None else ""
        if (outcome is not None and said in columns.ignored) or not self._wanted(row, only):
            self.left_out += 1
            return None
        at = row[started].strip() if started is not None else ""
        ordinal, second = _moment(at) if day is None else (_day(row[day].strip()), _second(at))
        talked_s = _span(row[talked].strip()) if talked is not None else 0.0
        waited_s = _span(row[waited].strip()) if waited is not None else None
        answered = said in columns.answered if outcome is not None else talked_s > 0
        handling_s = talked_s + self._wrap_up_s if answered and talked_s else 0.0
        return StaffedCall(ordinal, second, handling_s, waited_s, answered)

    def _valued(self, row: list[str]) -> ValuedCall | None:
        call = self._call(row)
        if call is None:
            return None
        caller_class, value = self._places[5:7]
        name = row[caller_class].strip() if caller_class is not None else ""
        return ValuedCall(call, name or "-", _money(row[value].strip()) if value is not None else 0.0)

    def _wanted(self, row: list[str], places: Sequence[int | None]) -> bool:
        pairs = zip(places, self._columns.only, strict=True)
        return all(place is None or row[place].strip() in words for place, (_, words) in pairs)

    def _reject(self, reason: str) -> None:
        self.rejected += 1
        if len(self.first_rejections) < SHOWN_REJECTIONS:
            self.first_rejections.append(RejectedLine(self._rows.line_num, reason))


def _place(name: str, header: list[str]) -> int | None:
    """Where a column is, from 0; None for one that is not given."""
    if not name:
        return None
    if name in header:
        return header.index(name)
    if name.isdecimal() and int(name) > 0 and (not header or int(name) <= len(header)):
        return int(name) - 1
    raise RouterError(f"the file has no column {name!r}", remedy=nearest(name, header))


def _moment(text: str) -> tuple[int, int]:
    """Day and second by the clock on the wall, as written; seconds since 1970 in the machine's zone."""
    day, between, clock = text.replace("T", " ", 1).partition(" ")
    if between:
        return _day(day), _second(clock)
    try:
        at = datetime.fromtimestamp(float(text))
    except (ValueError, OverflowError, OSError):
        raise LineRejectedError(f"no moment: {text!r}") from None
    return at.toordinal(), at.hour * 3600 + at.minute * 60 + at.second


@lru_cache(maxsize=4096)  # of a million lines, a few hundred days
def _day(text: str) -> int:
    for form, written in DAYS.items():
        if form.match(text):
            try:
                return datetime.strptime(text, written).toordinal()
            except ValueError:
                break
    raise LineRejectedError(f"no date: {text!r}")


def _second(text: str) -> int:
    found = CLOCK.match(text)
    if found:
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
        if hours < 24 and minutes < 60 and seconds < 61:
            return min(hours * 3600 + minutes * 60 + seconds, 86399)
    raise LineRejectedError(f"no time of day: {text!r}")


@lru_cache(maxsize=4096)
def _span(text: str) -> float:
    """Seconds; nothing written is none."""
    found = SPAN.match(text)
    if found:
        return int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + float(found[3])
    if text:
        raise LineRejectedError(f"no span of seconds: {text!r}")
    return 0.0


def _money(text: str) -> float:
    """An amount, its cents after a point or a comma; nothing written is none."""
    if not text:
        return 0.0
    try:
        amount = float(text.replace(",", "."))
    except ValueError:
        amount = nan
    if not isfinite(amount):
        raise LineRejectedError(f"no amount: {text!r}")
    return amount
