"""Past calls decided again: the log is read in chunks, the calls are dealt out by caller, each hand decided in time.

Every piece of work leaves one file in a folder, whole or not at all. So pieces are done by any process, memory does
not grow with the log, and a run that was broken off goes on where it was.
"""

from __future__ import annotations

import csv
import gc
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgpack  # type: ignore[import-untyped]

from ...errors import BacktestError
from ...replay.block_reader import Skipped
from ...replay.decisions import Side, Tally, side_then
from ...replay.past_call import UNKNOWN, LoggedCall, in_time_order
from ...replay.replayed_callers import ReplayedCallers, number_of
from ...replay.row_reader import Dirty, RowReader
from ..csv_cells import cell
from .backtest_folder import PLAN, claim, size_then, write_whole
from .in_processes import in_processes
from .log_reader import read_chunk
from .packed_calls import packed, unpacked

if TYPE_CHECKING:
    from ...policy.policy import Policy
    from ...replay.columns import ColumnMap
    from .log_file import LogFile

HAND_CHUNKS = 2
"""Chunks of the log behind one hand: so many calls are in memory at once, in each process."""

MOST_DIRTY = 10_000
"""Dirty lines of one chunk that are kept one by one; more are counted."""

UNASKED = ("agent", "queue")
"""Fields that are not compared, and take time to be found in a line."""

LAST_DIGITS = 4
"""So many digits say in whose hand a caller is: more than there are hands, and nobody writes them otherwise."""


class BacktestReport(NamedTuple):
    """What playing a log again came to."""

    lines: int
    """Lines of the log, with its header."""
    skipped: dict[str, int]
    """Lines that the map says are no calls, by why."""
    dirty: int
    """Lines that could not be read."""
    dirty_kinds: dict[str, int]
    """The same by kind of reason."""
    further_records: int
    """Records of a call that was there already."""
    tally: Tally
    """The calls, counted."""


class ReadChunk(NamedTuple):
    """What stands at the head of the file that a chunk became."""

    lines: int
    """Lines of the chunk, with the header of the log."""
    skipped: dict[str, int]
    """Lines that are no calls, by why."""
    kinds: dict[str, int]
    """Dirty lines, by kind of reason."""
    dirty: list[tuple[int, str]]
    """Dirty lines: the line, counted within the chunk, and why; the first MOST_DIRTY of them."""
    ends: list[int]
    """Where the calls of each hand end, in bytes behind the head."""


class Backtest:
    """One log, one policy, and what it is compared with; `folder` holds what is done already."""

    def __init__(
        self, log: LogFile, columns: ColumnMap, policy: Policy, against: Policy | None, timezone: str, folder: Path,
        list_changes: bool = False,
    ) -> None:  # fmt: skip
        """Raises ColumnMapError where the map does not fit the log, BacktestError where the folder is another run's."""
        self._columns = columns
        self._policies = [policy] if against is None else [policy, against]
        self._folder = folder
        self._list_changes = list_changes
        self._reader = RowReader(columns, log.first_line() if columns.header else "", timezone, UNASKED)
        self._log = self._claimed(log, timezone)
        self._callers = ReplayedCallers(self._policies, columns.persons)
        self._hands = -(-self._log.chunks // HAND_CHUNKS)
        self._first_lines: list[int] = []
        self._heads: list[int] = []
        self._ends: list[array[int]] = []

    @property
    def pieces(self) -> int:
        """How many pieces of work it is."""
        return self._log.chunks + self._hands

    def run(self, jobs: int, done: Callable[[int], None]) -> BacktestReport:
        """Do what is not done yet with so many processes, telling `done` how many pieces are; raises BacktestError."""
        count = 0

        def one_more(piece: int) -> None:
            nonlocal count
            count += 1
            done(count)

        gc.disable()  # millions of tuples and no cycle among them: the collector would only look at each many times
        try:
            for name, work, pieces in (
                ("read", self._read, self._log.chunks),
                ("decided", self._decide, self._hands),
            ):
                left = [piece for piece in range(pieces) if not self._file(name, piece).exists()]
                count += pieces - len(left)
                in_processes(work, left, jobs, one_more)
                if name == "read":
                    report = self._take_stock()
        finally:
            gc.enable()
        return self._added_up(report)

    def dirty_lines(self) -> Iterator[Dirty]:
        """Every dirty line in order; of a chunk the first MOST_DIRTY."""
        for chunk, before in enumerate(self._first_lines):
            for line, reason in _head(self._file("read", chunk))[0].dirty:
                yield Dirty(before + line, reason)

    def changes(self) -> Iterator[Path]:
        """Files that together list the calls that change, as CSV without a header."""
        return (self._file("changes", hand) for hand in range(self._hands))

    def clear(self) -> None:
        """Remove what was kept: everything is told."""
        for name in ("read", "decided", "changes"):
            for file in self._folder.glob(f"{name}-??????*"):  # also what a killed process did not finish
                file.unlink()
        (self._folder / PLAN).unlink()

    def _claimed(self, log: LogFile, timezone: str) -> LogFile:
        """The log as long as it was when the run began, for the log of a PBX grows; the folder is this run's."""
        then = size_then(self._folder)
        if then is not None and log.size > then:
            log = log._replace(size=then)
        plan = {
            "size": log.size,
            "checksum": log.checksum(),
            "columns": zlib.crc32(repr(self._columns).encode()),
            "policies": [policy.version for policy in self._policies],
            "timezone": timezone,
            "changes": self._list_changes,
            "chunk": log.chunk_bytes,
        }
        claim(self._folder, plan)
        return log

    def _file(self, name: str, piece: int) -> Path:
        return self._folder / f"{name}-{piece:06}"

    def _read(self, chunk: int) -> None:
        """One chunk of the log -> its calls, by the hand of their caller."""
        lines, found_in = read_chunk(self._log, self._reader, chunk)
        skipped: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        dirty: list[tuple[int, str]] = []
        hands: list[list[LoggedCall]] = [[] for _ in range(self._hands)]
        hand_of = self._hand
        for found in found_in:
            if isinstance(found, LoggedCall):
                hands[hand_of(found)].append(found)
            elif isinstance(found, Skipped):
                skipped[found.why] += 1
            else:
                kinds[found.reason.partition(":")[0]] += 1
                if len(dirty) < MOST_DIRTY:
                    dirty.append((found.line, found.reason))
        parts = [packed(calls) for calls in hands]
        head = ReadChunk(lines, dict(skipped), dict(kinds), dirty, list(accumulate(map(len, parts))))
        write_whole(self._file("read", chunk), msgpack.packb(head), *parts)

    def _hand(self, call: LoggedCall) -> int:
        """All calls of a person are in one hand; whoever is nobody has no history."""
        if self._hands == 1:
            return 0
        raw = call.caller
        if self._columns.persons or not (raw.isascii() and raw.removeprefix("+").isdigit()):
            key = number_of(call, self._policies[0].numbering, self._columns.persons).key
            if not key[-LAST_DIGITS:].isdigit():
                return zlib.crc32((key or call.call_id or str(call.line)).encode()) % self._hands
            raw = key
        return int(raw[-LAST_DIGITS:].removeprefix("+")) % self._hands  # the same in every spelling of a number

    def _take_stock(self) -> BacktestReport:
        """What the chunks came to, and where the calls of each hand are in their files."""
        skipped: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        lines = 0
        self._first_lines, self._heads, self._ends = [], [], []
        for chunk in range(self._log.chunks):
            head, length = _head(self._file("read", chunk))
            self._first_lines.append(lines)
            self._heads.append(length)
            self._ends.append(array("Q", head.ends))
            lines += head.lines
            skipped.update(head.skipped)
            kinds.update(head.kinds)
        return BacktestReport(lines, dict(skipped), sum(kinds.values()), dict(kinds), 0, Tally())

    def _records(self, hand: int) -> Iterator[LoggedCall]:
        for chunk, (before, head, ends) in enumerate(zip(self._first_lines, self._heads, self._ends, strict=True)):
            start = ends[hand - 1] if hand else 0
            with self._file("read", chunk).open("rb") as file:
                file.seek(head + start)
                part = file.read(ends[hand] - start)
            yield from unpacked(part, before)

    def _decide(self, hand: int) -> None:
        """The calls of one hand in the order of time: decided, compared, counted."""
        records = list(self._records(hand))
        calls = in_time_order(records)
        further = len(records) - len(calls)
        del records
        callers = self._callers
        callers.forget()
        tally, hour_of = Tally(), self._reader.clock.hour
        with self._file("changes", hand).open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            for call in calls:
                sides, number, line = callers.decide(call)
                before = sides[1] if len(sides) > 1 else side_then(call)
                changed = tally.count(call, before, sides[0], hour_of(call.at_s), line)
                if changed and self._list_changes:
                    rows.writerow(map(cell, (call.line, call.at_s, number, line, *_pairs(before, sides[0]))))
        write_whole(self._file("decided", hand), msgpack.packb([further, tally.plain()]))

    def _added_up(self, report: BacktestReport) -> BacktestReport:
        further = 0
        for hand in range(self._hands):
            file = self._file("decided", hand)
            with _undamaged(file):
                more, plain = msgpack.unpackb(file.read_bytes(), use_list=False)
                further += more
                report.tally.add(plain)
        return report._replace(further_records=further)


CHANGES_HEADER = (
    "line", "at_s", "caller", "called", "class_before", "class_after", "branch_before", "branch_after",
    "head_start_s_before", "head_start_s_after",
)  # fmt: skip
"""Columns of the list of changes."""


def _pairs(before: Side, after: Side) -> tuple[str | int, ...]:
    start_s = "" if before.head_start_s == UNKNOWN else before.head_start_s
    return (
        before.caller_class, after.caller_class, before.branch, after.branch, start_s, after.head_start_s,
    )  # fmt: skip


def _head(file: Path) -> tuple[ReadChunk, int]:
    """The head of the file of a chunk, and its length in bytes."""
    with _undamaged(file), file.open("rb") as opened:
        unpacker: Any = msgpack.Unpacker(opened, use_list=False, max_buffer_size=0)
        head = ReadChunk(*unpacker.unpack())
        return head, unpacker.tell()


@contextmanager
def _undamaged(file: Path) -> Iterator[None]:
    """Raises BacktestError where what is read in the block is not what was written: a machine lost its power then."""
    try:
        yield
    except (msgpack.UnpackException, ValueError, TypeError):
        remedy = "remove that file, and the same command does its piece again"
        raise BacktestError("what is kept there is damaged", where=str(file), remedy=remedy) from None
