"""Two decisions for each past call, counted: who would change class, branch and head start, when and on which line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from ..policy.file.words import duration_of
from .past_call import UNKNOWN, LoggedCall

MOST_LINES = 200
"""Lines counted one by one; callers write the number called, so it must end."""

OTHERS = "(others)"
"""Where all further ones are counted."""


class Side(NamedTuple):
    """What is looked at of a decision."""

    caller_class: str = ""
    """Class; empty when nobody knows."""
    branch: str = ""
    """Branch; empty when nobody knows."""
    head_start_s: int = UNKNOWN
    """Head start in seconds; UNKNOWN when nobody knows."""
    queue: str = ""
    """Queue; empty when the branch has none, or nobody knows. It is not compared."""


NOBODY_KNOWS = Side()
"""Nothing to compare with."""

CALLS, MISSED, WAITS, WAITED_S, CHANGES_ANYTHING = range(5)
"""Places in a cell of a tally: calls, those nobody answered, those whose wait is known, their seconds, and a flag."""

CHANGES = ("class", "branch", "head_start")
"""Words for the fields of a `Side`, in their order."""


_THEN = slice(LoggedCall._fields.index("caller_class"), LoggedCall._fields.index("head_start_s") + 1)
"""Where a call holds what was decided then: class, branch and head start stand together in it, as in a `Side`."""

_NOTHING_SAID = NOBODY_KNOWS[:3]


def side_then(call: LoggedCall) -> Side:
    """What was decided then, as far as the log says."""
    then: tuple[str, str, int] = call[_THEN]  # type: ignore[assignment]  # in a third of the time of its three fields
    return NOBODY_KNOWS if then == _NOTHING_SAID else Side(*then)


class Moved(NamedTuple):
    """Calls that change in the same way."""

    what: str
    """One of CHANGES."""
    before: str
    """What they got; empty where nothing is compared."""
    after: str
    """What they would get."""
    calls: int
    """How many."""
    missed: int
    """How many of them nobody answered."""
    mean_wait_s: float | None
    """How long they waited then, on average; None when the log does not say."""


class Counted(NamedTuple):
    """The calls of one class, hour or line."""

    name: str
    """The class before, the hour `09`, or the line; of a line that the policy does not know, the number called."""
    calls: int
    """How many."""
    changed: int
    """How many of them change in anything."""
    caller_class: int
    """How many change class."""
    branch: int
    """How many change branch."""
    head_start: int
    """How many change head start."""


class Tally:
    """Counts calls; two tallies add up to that of all their calls."""

    def __init__(self) -> None:
        self.first_at_s = 0
        """When the first of them rang; 0 for none."""
        self.last_at_s = 0
        """When the last of them rang; 0 for none."""
        self._cells: dict[tuple[Side, Side, int, str], list[int]] = {}
        self._lines: set[str] = set()

    def count(self, call: LoggedCall, before: Side, after: Side, hour: int, line: str) -> bool:
        """One more call; whether anything changes for it."""
        cell = self._cells.get((before, after, hour, line))
        if cell is None:
            cell = self._cell(before, after, hour, line)
        at_s, _, _, outcome, wait_s = call[1:6]
        cell[CALLS] += 1
        if outcome == "missed":
            cell[MISSED] += 1
        if wait_s >= 0:
            cell[WAITS] += 1
            cell[WAITED_S] += wait_s
        if at_s > self.last_at_s:
            self.last_at_s = at_s
        if at_s < self.first_at_s or not self.first_at_s:
            self.first_at_s = at_s
        return cell[CHANGES_ANYTHING] > 0

    def add(self, plain: Any) -> None:
        """Add another tally, as its `plain` gave it."""
        (first_at_s, last_at_s), cells = plain
        self.first_at_s = min(self.first_at_s or first_at_s, first_at_s or self.first_at_s)
        self.last_at_s = max(self.last_at_s, last_at_s)
        for before, after, hour, line, row in cells:
            cell = self._cell(Side(*before), Side(*after), hour, line)
            for at in (CALLS, MISSED, WAITS, WAITED_S):
                cell[at] += row[at]

    def plain(self) -> Any:
        """All of it as lists, texts and numbers, to be kept or sent."""
        return [[self.first_at_s, self.last_at_s], [[*key, row] for key, row in self._cells.items()]]

    @property
    def calls(self) -> int:
        """Calls decided."""
        return sum(cell[CALLS] for cell in self._cells.values())

    @property
    def changed(self) -> int:
        """Calls that change in anything."""
        return sum(cell[CALLS] for cell in self._cells.values() if cell[CHANGES_ANYTHING])

    def moved(self, what: str) -> list[Moved]:
        """Every way in which calls change, and those that do not change, most calls first; of one of CHANGES."""
        at = CHANGES.index(what)
        sums: dict[tuple[str, str], list[int]] = {}
        for (before, after, *_), cell in self._cells.items():
            _add(sums, (_shown(before[at]), _shown(after[at])), cell[: WAITED_S + 1])
        found = [
            Moved(what, *move, calls, missed, waited_s / waits if waits else None)
            for move, (calls, missed, waits, waited_s) in sums.items()
        ]
        return sorted(found, key=lambda move: (-move.calls, move.before, move.after))

    def counted(self, by: str) -> list[Counted]:
        """The calls by `class`, `hour` or `line`: hours in order, the others with most calls first."""
        sums: dict[str, list[int]] = {}
        for (before, after, hour, line), cell in self._cells.items():
            names = {"class": before.caller_class or after.caller_class, "hour": f"{hour:02}", "line": line}
            differs = _differs(before, after)
            _add(sums, names[by], [cell[CALLS] * each for each in (1, True in differs, *differs)])
        rows = [Counted(name, *row) for name, row in sums.items()]
        return sorted(rows, key=lambda row: (0 if by == "hour" else -row.calls, row.name))

    def _cell(self, before: Side, after: Side, hour: int, line: str) -> list[int]:
        """Where these calls are counted; the cell is made when it is not there."""
        if line not in self._lines:
            if len(self._lines) < MOST_LINES:
                self._lines.add(line)
            else:
                line = OTHERS
        return self._cells.setdefault((before, after, hour, line), [0, 0, 0, 0, int(True in _differs(before, after))])


def _differs(before: Side, after: Side) -> tuple[bool, bool, bool]:
    """What changes, of CHANGES; what nobody knows does not."""
    return (
        before.caller_class not in ("", after.caller_class),
        before.branch not in ("", after.branch),
        before.head_start_s not in (UNKNOWN, after.head_start_s),
    )


Key = TypeVar("Key")


def _add(rows: dict[Key, list[int]], key: Key, row: Sequence[int]) -> None:
    kept = rows.get(key)
    if kept is None:
        rows[key] = list(row)
        return
    for at, count in enumerate(row):
        kept[at] += count


def _shown(value: str | int) -> str:
    if isinstance(value, str):
        return value
    return "" if value == UNKNOWN else duration_of(value)
