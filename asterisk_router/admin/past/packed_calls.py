"""Calls of one hand between two passes over a log, as bytes: field by field, what is the same of all of them once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]

from ...replay.past_call import LoggedCall

UNDECIDED: Final = {
    LoggedCall._fields.index(field): (LoggedCall._field_defaults[field],)
    for field in ("menu_s", "talk_s", "queue", "agent", "brings")
}
"""Places of fields that no decision needs, and what is kept in their stead: nothing said."""


def packed(calls: Sequence[LoggedCall]) -> bytes:
    """Some calls as bytes, without what no decision needs; empty for none."""
    if not calls:
        return b""
    columns: list[Sequence[Any]] = list(zip(*calls, strict=True))
    for place, column in enumerate(columns):
        if place in UNDECIDED:
            columns[place] = UNDECIDED[place]
        elif column.count(column[0]) == len(column):
            columns[place] = column[:1]
    told: bytes = msgpack.packb(columns)
    return told


def unpacked(told: bytes, lines_before: int) -> Iterable[LoggedCall]:
    """The calls again; their lines are counted on from `lines_before`."""
    if not told:
        return ()
    first, *others = msgpack.unpackb(told, use_list=False)
    lines = [lines_before + line for line in first]
    columns = [column if len(column) > 1 else repeat(column[0]) for column in others]
    # as LoggedCall._make of each, in half of the time
    return map(partial(tuple.__new__, LoggedCall), zip(lines, *columns, strict=False))
