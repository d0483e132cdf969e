"""A log read through its map: calls, and every other line accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from ...errors import ColumnMapError, PolicyFault, RouterError
from ...policy.schedules import zone
from ...replay.block_reader import Skipped
from ...replay.log_clock import tells_zone
from ...replay.past_call import LoggedCall, by_queue
from ...replay.row_reader import Dirty, RowReader
from ...replay.whole_calls import whole_calls

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...replay.columns import ColumnMap
    from ...replay.row_reader import Found
    from .log_file import LogFile

SHOWN_DIRTY: Final = 20
"""Dirty lines kept for the screen."""

OTHER_QUEUE: Final = "a call of another queue"
"""Why calls are left out that waited elsewhere."""

NO_END: Final = "a call whose end the log does not tell"
"""Why calls are left out of which nobody knows whether they were answered."""


def read_chunk(log: LogFile, rows: RowReader, chunk: int) -> tuple[int, Iterator[LoggedCall | Dirty | Skipped]]:
    """How many lines a chunk has, and what they are, numbered within it; raises OSError."""
    lines = log.lines(chunk)
    header = rows.header_lines if chunk == 0 else 0

    def later() -> Iterator[Found]:
        for further in range(chunk + 1, log.chunks):
            yield from rows.read(log.lines(further), 0)

    found = rows.read(lines[header:], header + 1)
    # without rules for further lines nothing is put together, and the generator between would only cost
    return len(lines), whole_calls(found, later()) if rows.joins else found  # type: ignore[return-value]


def wall_zone(columns: ColumnMap, asked: str, policys: str = "") -> str:
    """The time zone in which a house looks at its log: as asked, else the map's, else the policy's.

    Moments as the clock on the wall showed them need none. Raises RouterError for no time zone, and where moments are
    the same in every one and nobody says which.
    """
    name = asked or columns.timezone or policys
    if not name and tells_zone(columns.form):
        raise RouterError(
            f"moments of {columns.name} are the same in every time zone: hours of the day need yours",
            remedy="--timezone Europe/London, or timezone under [start] of the map",
        )
    try:
        zone(name or "UTC")
    except (ValueError, KeyError):
        raise RouterError(f"no such time zone: {name!r}", where="--timezone", remedy="Europe/London...") from None
    return name or "UTC"


class PastLog:
    """The calls of a log, one after the other, and what became of its lines."""

    def __init__(
        self, log: LogFile, columns: ColumnMap, timezone: str, queues: Collection[str] = (), done: Done | None = None
    ) -> None:
        """Only calls of these queues, of all without any; `done` is told how many chunks are read.

        Raises ColumnMapError where the map does not fit the log.
        """
        self.lines = 0
        """Lines read, with the header."""
        self.dirty = 0
        """Lines that cannot be read."""
        self.first_dirty: list[Dirty] = []
        """The first `SHOWN_DIRTY` of them."""
        self.skipped: Counter[str] = Counter()
        """Lines and calls that are left out, by why."""
        self.first_at_s = 0
        """When the first call rang; 0 before there is one."""
        self.last_at_s = 0
        """When the last one rang."""
        self._log, self._map, self._queues = log, columns, frozenset(queues)
        self._rows = RowReader(columns, log.first_line() if columns.header else "", timezone)
        self._done = done or _nobody_listens
        self.persons = columns.persons
        """Whether callers are persons rather than numbers."""
        self.clock = self._rows.clock
        """The clock of the house."""
        if queues:
            self.needs("queue", for_what="--queue")

    def needs(self, *fields: str, for_what: str) -> None:
        """Raises ColumnMapError where the log does not tell one of these fields."""
        for field in fields:
            if field not in self._rows.tells:
                problem = f"{for_what} needs {field}, which this map does not tell"
                fault = PolicyFault(self._map.name, 1, 1, problem, f"name its column under [columns]: {field} = ...")
                raise ColumnMapError([fault])

    def tells(self, field: str) -> bool:
        """Whether the log tells a field of its calls."""
        return field in self._rows.tells

    def __iter__(self) -> Iterator[LoggedCall]:
        """Every call that counts, one of a queue for each queue it waited in, in the order of the log."""
        for call in by_queue(self._records()):
            if self._queues and call.queue not in self._queues:
                self.skipped[OTHER_QUEUE] += 1
            elif call.answered is None:
                self.skipped[NO_END] += 1
            else:
                self.last_at_s = max(self.last_at_s, call.at_s)
                self.first_at_s = min(self.first_at_s or call.at_s, call.at_s)
                yield call

    def _records(self) -> Iterator[LoggedCall]:
        for chunk in range(self._log.chunks):
            before = self.lines
            count, found_in = read_chunk(self._log, self._rows, chunk)
            self.lines += count
            for found in found_in:
                if isinstance(found, LoggedCall):
                    yield LoggedCall._make((before + found.line, *found[1:])) if before else found
                elif isinstance(found, Skipped):
                    self.skipped[found.why] += 1
                else:
                    self.dirty += 1
                    if len(self.first_dirty) < SHOWN_DIRTY:
                        self.first_dirty.append(Dirty(before + found.line, found.reason))
            self._done(chunk + 1)

    def no_call(self) -> RouterError:
        """What to say of a log without one call."""
        left_out = ", ".join(f"{count} {why}" for why, count in self.skipped.items())
        first = self.first_dirty[:1]
        return RouterError(
            f"not one call in the log: {self.dirty} lines cannot be read, left out: {left_out or 'none'}",
            where=f"line {first[0].line}" if first else "",
            remedy=first[0].reason if first else "look at [[ignore]] of the map, and at --queue",
        )


Done = Callable[[int], None]
"""Is told how many chunks of a log are read."""


def _nobody_listens(chunks: int) -> None:
    pass
