"""Many callers at once, from a CSV file of any length, in memory that does not grow with it."""

from __future__ import annotations

import csv
import gc
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO

from ...errors import RouterError
from .caller_csv import RowReader, RowRejectedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ...callers.caller import Caller
    from ...numbering.plan import NumberingPlan
    from .caller_csv import FieldSource

BATCH = 5_000
"""Callers handed to the book at once; an interrupted import repeats at most so many."""

SHOWN_REJECTIONS = 20
"""Rejected lines kept for the screen; all of them go to the file of rejections, if there is one."""


class CallerStore(Protocol):
    """Where the callers of an import go: the book, or by way of the daemon."""

    async def save_many(self, callers: Iterable[Caller]) -> int:
        """Store them; returns how many."""


class Rejection(NamedTuple):
    """A line that became no caller."""

    line: int
    """Where the row ends in the file, counted from 1."""
    reason: str
    """Why, for whoever mends the file."""
    row: tuple[str, ...] = ()
    """The row as it was read."""


@dataclass
class ImportReport:
    """How far an import has come; right at every moment, also when it is broken off."""

    saved: int = 0
    """Callers stored; in a dry run, those that would be."""
    rejected: int = 0
    """Lines that became no caller."""
    reasons: Counter[str] = field(default_factory=Counter)
    """How many lines for each kind of reason."""
    first_rejections: list[Rejection] = field(default_factory=list)
    """The first `SHOWN_REJECTIONS` of them."""
    dropped_numbers: int = 0
    """Further numbers of stored persons that were left out as unusable."""
    next_line: int = 2
    """The first line not stored yet: where an interrupted import goes on."""
    seconds: float = 0.0
    """How long it took."""


class CallerImport:
    """One import: a file, a map of its columns, and the report that grows with it."""

    def __init__(
        self, file: TextIO, sources: Sequence[FieldSource], plan: NumberingPlan, *, author: str, from_line: int = 0
    ) -> None:
        self.report = ImportReport()
        """How far it has come."""
        header = file.readline()
        self._rows = csv.reader(chain([header], file), delimiter=_delimiter(header))
        self._reader = RowReader(sources, next(self._rows), plan, author, int(time.time()))
        self._from_line = from_line

    async def run(
        self, book: CallerStore | None, came_to: Callable[[], None], rejected: Callable[[Rejection], None]
    ) -> ImportReport:
        """Store every row, by the batch, telling `came_to` after each; without a book it is a dry run."""
        started_s = time.monotonic()
        callers = self._callers(rejected)
        gc.disable()  # a million tuples and no cycle among them: the collector would only look at each many times
        try:
            while saved := await _save(book, islice(callers, BATCH)):
                self.report.saved += saved
                self.report.next_line = self._rows.line_num + 1
                self.report.dropped_numbers = self._reader.dropped_numbers
                came_to()
        finally:
            gc.enable()
            self.report.seconds = time.monotonic() - started_s
        return self.report

    def _callers(self, rejected: Callable[[Rejection], None]) -> Iterator[Caller]:
        read, rows = self._reader.caller, self._rows
        row: list[str] = []
        while True:
            try:
                for row in rows:
                    if row and rows.line_num >= self._from_line:
                        yield read(row)
                return
            except RowRejectedError as fault:
                rejected(self._reject(str(fault), row))
            except csv.Error as fault:
                rejected(self._reject(f"not CSV: {fault}", []))

    def _reject(self, reason: str, row: list[str]) -> Rejection:
        rejection = Rejection(self._rows.line_num, reason, tuple(row[: self._reader.width]))
        self.report.rejected += 1
        self.report.reasons[reason.partition(":")[0]] += 1
        if len(self.report.first_rejections) < SHOWN_REJECTIONS:
            self.report.first_rejections.append(rejection)
        return rejection


async def _save(book: CallerStore | None, batch: Iterator[Caller]) -> int:
    """Store the callers of a batch, which are read while those before them travel; or only count them."""
    return await book.save_many(batch) if book else sum(1 for _ in batch)


def _delimiter(header: str) -> str:
    """What stands between the columns: a comma, a semicolon or a tab, whichever the header has most of."""
    if not header.strip():
        raise RouterError("the file is empty", remedy="its first line names the columns")
    return max(",;\t", key=header.count)
