"""Many rows of a log -> calls, column after column: the same as row after row, in a fraction of the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Final, NamedTuple

from .field_reader import FieldReader, Row
from .log_clock import LogClock
from .past_call import LoggedCall

NOTHING: Final = LoggedCall(0, 0, "")[2:]
"""What a call has behind its line and its moment where the log says nothing."""


class ApartError(Exception):
    """Rows that must be read one by one."""


class Skipped(NamedTuple):
    """A line that the map says is no call."""

    why: str
    """As the map says."""


class Leaving(NamedTuple):
    """Which lines are left out, by one rule of the map."""

    place: int
    """Index of the column that tells."""
    words: frozenset[str]
    """What it holds then."""
    unless: frozenset[str]
    """Or it holds none of these."""
    begins: tuple[str, ...]
    """Or what it begins with."""
    ends: tuple[str, ...]
    """Or what it ends with."""
    skipped: Skipped
    """What such a line is."""

    def holds(self, text: str) -> bool:
        """Whether the rule holds for what the column says; an empty text where a row has no such column."""
        _, words, unless, begins, ends, _ = self
        return bool(
            (words and text in words)
            or (unless and text not in unless)
            or (begins and text.startswith(begins))
            or (ends and text.endswith(ends))
        )

    def touches(self, column: Sequence[str]) -> bool:
        """Whether it holds for any of them."""
        _, words, unless, begins, ends, _ = self
        return bool(
            (words and not words.isdisjoint(column))
            or (unless and not unless.issuperset(column))
            or (begins and True in [text.startswith(begins) for text in column])
            or (ends and True in [text.endswith(ends) for text in column])
        )


class BlockReader:
    """Reads rows of one log that are all equally long."""

    def __init__(
        self, clock: LogClock, start: Sequence[int], ignored: Sequence[Leaving], fields: Mapping[int, FieldReader]
    ) -> None:
        """`start` are the columns of the moment, `fields` what is read, by place in a `LoggedCall`."""
        self._clock = clock
        self._start = start
        self._ignored = ignored
        self._fields = fields

    def read(self, rows: Sequence[Row], first: int) -> Sequence[LoggedCall | Skipped]:
        """What each row is, in order; `first` is the number of the first line.

        Raises ApartError, DirtyError, IndexError, ValueError or OverflowError where anything is the matter with a row.
        """
        columns = _columns(rows)
        skipped = self._skipped(columns)
        if not skipped:
            return self._calls(range(first, first + len(rows)), columns)
        kept = [at for at in range(len(rows)) if at not in skipped]
        calls = self._calls([first + at for at in kept], _columns([rows[at] for at in kept])) if kept else []
        found: dict[int, LoggedCall | Skipped] = {**skipped, **dict(zip(kept, calls, strict=True))}
        return [found[at] for at in range(len(rows))]

    def _skipped(self, columns: Sequence[Sequence[str]]) -> dict[int, Skipped]:
        """Rows that are no calls, each by the first rule that says so."""
        skipped: dict[int, Skipped] = {}
        for rule in self._ignored:
            column = columns[rule.place] if rule.place < len(columns) else [""] * len(columns[0])
            if rule.touches(column):
                for at, text in enumerate(column):
                    if rule.holds(text):
                        skipped.setdefault(at, rule.skipped)
        return skipped

    def _calls(self, numbers: Sequence[int], columns: Sequence[Sequence[str]]) -> list[LoggedCall]:
        parts = [columns[place] for place in self._start]
        texts = parts[0] if len(parts) == 1 else list(map(" ".join, zip(*parts, strict=True)))
        values: list[Any] = [numbers, self._clock.moments(texts), *map(repeat, NOTHING)]
        for place, field in self._fields.items():
            values[place] = field.of_columns(columns)
        # as LoggedCall._make of each, in half of the time
        return list(map(partial(tuple.__new__, LoggedCall), zip(*values, strict=False)))


def _columns(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    try:
        return list(zip(*rows, strict=True))
    except ValueError:
        raise ApartError from None
