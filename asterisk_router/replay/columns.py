"""What a column map says, read and checked: which column of a log holds what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

Column = str | int
"""A name of the header, or a place counted from 1."""

FIELDS = (
    "caller", "called", "outcome", "wait_s", "trunk", "choice", "language", "tags", "value", "call_id", "caller_class",
    "branch", "head_start", "menu_s", "talk_s", "queue", "agent", "brings",
    "trust", "refused",
)  # fmt: skip
"""What `[columns]` can name; fields of `LoggedCall`, where `head_start` is a duration."""

SPANS = ("wait_s", "menu_s", "talk_s")
"""Those that are seconds."""


class Source(NamedTuple):
    """Where one field of a call is read."""

    column: Column
    """The column; 0 for `text`."""
    text: str = ""
    """What every call has, where no column says it."""
    words: Mapping[str, str] | None = None
    """What the words of the column mean; a word that is not here makes the line a dirty one."""
    other: str | None = None
    """What every other word means."""
    pattern: re.Pattern[str] | None = None
    """What is taken out of the column: the first group of the first match, nothing without one."""
    optional: bool = False
    """Whether a line may end before this column, and a header may be without it."""
    all: bool = False
    """Whether every match of the pattern is taken, with commas between them."""
    where: str = ""
    """`file:line` of it."""


class Ignored(NamedTuple):
    """Lines that are no calls."""

    column: Column
    """The column that tells."""
    words: frozenset[str]
    """What it holds then."""
    unless: frozenset[str]
    """Or it holds none of these."""
    begins: tuple[str, ...]
    """Or what it begins with."""
    ends: tuple[str, ...]
    """Or what it ends with."""
    why: str
    """Why they are no calls, for the report."""
    where: str
    """`file:line` of it."""


class FurtherRule(NamedTuple):
    """Lines that tell more of a call whose first line stands before them, as in a log of events."""

    column: Column
    """The column that tells."""
    words: frozenset[str]
    """What it holds then."""
    ends: bool
    """Whether nothing more is told of the call after them."""
    sources: Mapping[str, Source]
    """Where each field is read that they tell."""
    where: str
    """`file:line` of it."""


class ColumnMap(NamedTuple):
    """How a log is read."""

    name: str
    """The file, or the shipped name."""
    delimiter: str
    """What stands between two columns."""
    header: bool
    """Whether the first line names the columns."""
    encoding: str
    """Encoding of the log."""
    quotes: bool
    """Whether a column may stand in double quotes, doubled inside."""
    start: tuple[Column, ...]
    """Columns that together tell when the call rang."""
    start_where: str
    """`file:line` of them."""
    form: str
    """How they tell it, joined by a space: a format of strptime, or `epoch`."""
    timezone: str
    """IANA name of the log's time zone; empty where the map does not say."""
    sources: Mapping[str, Source]
    """Where each field is read; only those written."""
    persons: bool
    """Whether the caller column names persons rather than telephone numbers."""
    ignored: tuple[Ignored, ...]
    """Lines that are no calls, in order."""
    further: tuple[FurtherRule, ...] = ()
    """Lines that tell more of a call, in order."""
