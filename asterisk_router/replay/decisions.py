"""Two decisions for each past call, counted: who would change class, branch and head start, when and on which line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from ..policy.decision import Decision
from ..policy.words import duration_of
from .past_call import UNKNOWN, LoggedCall

MOST_PLACES = 500
"""Classes, hours or lines counted one by one; callers write the number called, so it must end."""

OTHERS = "(others)"
"""Where all further ones are counted."""


class Side(NamedTuple):
    """What is compared of a decision."""

    caller_class: str = ""
    """Class; empty when nobody knows."""
    branch: str = ""
    """Branch; empty when nobody knows."""
    head_start_s: int = UNKNOWN
    """Head start in seconds; UNKNOWN when nobody knows."""


CHANGES = ("class", "branch", "head_start")
"""Words for the fields of a `Side`, in their order."""


def side_of(decision: Decision) -> Side:
    """What a policy decides."""
    return Side(decision.caller_class, decision.branch, decision.head_start_s)


def side_then(call: LoggedCall) -> Side:
    """What was decided then, as far as the log says."""
    return Side(call.caller_class, call.branch, call.head_start_s)


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
        self.calls = 0
        """Calls decided."""
        self.changed = 0
        """Calls that change in anything."""
        self.first_at_s = 0
        """When the first of them rang; 0 for none."""
        self.last_at_s = 0
        """When the last of them rang; 0 for none."""
        self._moves: dict[tuple[str, str, str], list[int]] = {}
        self._places: dict[str, dict[str, list[int]]] = {"class": {}, "hour": {}, "line": {}}

    def count(self, call: LoggedCall, before: Side, after: Side, hour: int, line: str) -> bool:
        """One more call; whether anything changes for it."""
        differs = (
            before.caller_class not in ("", after.caller_class),
            before.branch not in ("", after.branch),
            before.head_start_s not in (UNKNOWN, after.head_start_s),
        )
        changed = True in differs
        self._total(1, changed, call.at_s, call.at_s)
        waited = (0, 0) if call.wait_s < 0 else (1, call.wait_s)
        row = (1, call.outcome == "missed", *waited)
        starts = (_seconds(before.head_start_s), _seconds(after.head_start_s))
        _add(self._moves, ("class", before.caller_class, after.caller_class), row)
        _add(self._moves, ("branch", before.branch, after.branch), row)
        _add(self._moves, ("head_start", *starts), row)
        place = (1, changed, *differs)
        self._place("class", before.caller_class or after.caller_class, place)
        self._place("hour", f"{hour:02}", place)
        self._place("line", line, place)
        return changed

    def add(self, plain: Any) -> None:
        """Add another tally, as its `plain` gave it."""
        total, moves, places = plain
        self._total(*total)
        for what, before, after, row in moves:
            _add(self._moves, (what, before, after), row)
        for by, name, row in places:
            self._place(by, name, row)

    def plain(self) -> Any:
        """All of it as lists, texts and numbers, to be kept or sent."""
        moves = [[*move, row] for move, row in self._moves.items()]
        places = [[by, name, row] for by, rows in self._places.items() for name, row in rows.items()]
        return [[self.calls, self.changed, self.first_at_s, self.last_at_s], moves, places]

    def moved(self, what: str) -> list[Moved]:
        """Every way in which calls change, and those that do not change, most calls first; of one of CHANGES."""
        found = []
        for (kind, before, after), (calls, missed, waits, waited_s) in self._moves.items():
            if kind == what:
                found.append(Moved(what, before, after, calls, missed, waited_s / waits if waits else None))
        return sorted(found, key=lambda move: (-move.calls, move.before, move.after))

    def counted(self, by: str) -> list[Counted]:
        """The calls by `class`, `hour` or `line`: hours in order, the others with most calls first."""
        rows = [Counted(name, *row) for name, row in self._places[by].items()]
        return sorted(rows, key=lambda row: (0 if by == "hour" else -row.calls, row.name))

    def _total(self, calls: int, changed: int, first_at_s: int, last_at_s: int) -> None:
        if not calls:
            return
        self.first_at_s = min(self.first_at_s, first_at_s) if self.calls else first_at_s
        self.last_at_s = max(self.last_at_s, last_at_s) if self.calls else last_at_s
        self.calls += calls
        self.changed += changed

    def _place(self, by: str, name: str, row: Sequence[int]) -> None:
        rows = self._places[by]
        _add(rows, name if name in rows or len(rows) < MOST_PLACES else OTHERS, row)


Key = TypeVar("Key")


def _add(rows: dict[Key, list[int]], key: Key, row: Sequence[int]) -> None:
    kept = rows.get(key)
    if kept is None:
        rows[key] = list(row)
        return
    for at, count in enumerate(row):
        kept[at] += count


def _seconds(head_start_s: int) -> str:
    return "" if head_start_s < 0 else duration_of(head_start_s)
