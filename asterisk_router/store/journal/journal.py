"""The local journal every call is written to first, by one thread of its own: no call waits for the disk.

The event loop only appends to a bounded list in memory. The thread writes what has gathered; what it has written
survives the end of this process, and a second later that of the machine. While the disk takes nothing (full, broken,
hanging), records stay in memory, from where they can be registered as well.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ...callers.registered_call import Gap
from ...wire.call_record import encode
from ...wire.journal_frame import PAYLOAD_MAX, frame
from .folder import JournalFolder, Position
from .reader import Entry, JournalReader

LOG = logging.getLogger(__name__)

BATCH_MAX = 2_000
"""Most records in one write."""

KEPT_BITE, YIELD_S = 128, 0.0005
"""So many records are gone through at once at a start, and then the event loop has its turn."""

RETRY_S = 1.0
"""Pause before a disk that refused is tried again."""

STUCK_S = 2.0
"""After so long without a write the disk counts as refusing."""

MEMORY_MAX = 20_000
"""How many records wait in memory; a further one is lost, and counted."""

SEGMENT_BYTES = 16 * 1024 * 1024
"""When a new segment is begun."""


class Journal:
    """Written by this process, read back by it; `open` it, `append` from the event loop, `close` it."""

    def __init__(self, root: Path, *, memory_max: int = MEMORY_MAX, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.root = root
        """Where the journals of this state directory are."""
        self.appended = 0
        """Records taken, those still in memory included."""
        self.lost = 0
        """Records that found no room, neither on the disk nor in memory."""
        self.fault = ""
        """Why the disk takes nothing at the moment; empty while it does."""
        self._memory_max = memory_max
        self._segment_bytes = segment_bytes
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._taken = 0  # how many have left `_waiting` at its front
        self._gap = Gap(0, 0.0, 0.0)
        self._lock = threading.Lock()  # of the three above
        self._work = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._live, name="journal", daemon=True)
        self._folder: JournalFolder | None = None
        self._reader: JournalReader | None = None
        self._file = -1
        self._end = Position(0, 0, 0)  # of what has been written
        self._tidied = 0  # the segment before which no other was of use when it was last looked
        self._since_s = 0.0  # when the write began that has not come back yet
        self._unsynced = threading.Event()

    def open(self) -> None:
        """Begin to write; the disk is met by the thread alone, so this never waits nor fails."""
        self._thread.start()

    def close(self) -> None:
        """Write what is left, force it onto the disk and let go of the folder; blocks, on a hanging disk for 5 s."""
        self._closing = True
        self._work.set()
        self._thread.join(5.0)
        if self._waiting:
            self.lost += len(self._waiting)
            LOG.error("%d records of calls are lost: %s", len(self._waiting), self.fault or "the disk hangs")
        if not self._thread.is_alive():
            self.sync()
            if self._file >= 0:
                os.close(self._file)
            if self._folder is not None:
                self._folder.release()

    def append(self, payload: bytes, at_s: float) -> None:
        """Take a record of what happened at `at_s`; returns at once, and never refuses: what is lost is counted."""
        with self._lock:
            if len(self._waiting) >= self._memory_max or len(payload) > PAYLOAD_MAX:
                self.lost += 1
                first_s = self._gap.from_s if self._gap.records else at_s
                self._gap = Gap(self._gap.records + 1, first_s, at_s, "no room on the disk nor in memory")
                return
            self._waiting.append((payload, at_s))
        self.appended += 1
        if not self._work.is_set():
            self._work.set()

    @property
    def ready(self) -> bool:
        """Whether there is a folder, so that what earlier daemons wrote can be read."""
        return self._folder is not None

    @property
    def waiting(self) -> int:
        """Records that are in memory alone."""
        return len(self._waiting)

    @property
    def refuses(self) -> bool:
        """Whether the disk takes nothing at the moment: it said so, or a write has not come back for a while."""
        since_s = self._since_s
        return bool(self.fault) or bool(since_s) and time.monotonic() - since_s > STUCK_S

    def is_taking(self) -> bool:
        """Whether what comes now is sure to be kept: there is a folder, and the disk takes what is written."""
        return self.ready and not self.refuses

    def in_memory(self, most: int) -> list[bytes]:
        """The oldest records that are in memory alone; `forget` them when they are registered."""
        with self._lock:
            return [payload for payload, _ in islice(self._waiting, most)]

    def forget(self, records: list[bytes]) -> None:
        """Take those registered straight from memory off the list, unless the disk has taken them meanwhile."""
        with self._lock:
            for record in records:
                if self._waiting and self._waiting[0][0] is record:
                    self._take(1)

    def read(self, most: int) -> list[Entry]:
        """At most `most` records that follow those read before; for a thread, as it blocks. Raises OSError."""
        return self._reader.read(most) if self._reader is not None else []

    def kept(self) -> Iterator[Entry]:
        """Everything on the disk, also what is registered already, up to now; for a thread. Raises OSError."""
        if self._folder is not None:
            first = Position(min(self._folder.segments(), default=1), 0, 0)
            reader = JournalReader(self._folder, first, self._living)
            while entries := reader.read(KEPT_BITE):
                yield from entries
                time.sleep(YIELD_S)

    def confirm(self, position: Position) -> None:
        """Note that all before `position` is registered, remove what is past use; for a thread. Raises OSError."""
        if self._folder is not None:
            self._folder.save_position(position)
            if position.segment != self._tidied:
                self._folder.remove_before(position.segment)
                self._tidied = position.segment

    def left_behind(self) -> Iterator[JournalReader]:
        """The journals of daemons that ended, held by us from now on; for a thread. Raises OSError."""
        for folder in JournalFolder.hold_left(self.root) if self._folder is not None else ():
            yield JournalReader(folder, folder.position())

    def sync(self) -> None:
        """Force what was written onto the disk; for a thread. A disk that refuses is left to the next write."""
        if self._unsynced.is_set():
            self._unsynced.clear()
            try:
                file = os.dup(self._file)  # a new segment may take its place meanwhile
                try:
                    os.fdatasync(file)
                finally:
                    os.close(file)
            except OSError as fault:
                LOG.warning("the journal cannot be forced onto the disk: %s", fault)

    def _live(self) -> None:
        while not (self._closing and (self.fault or not self._waiting)):
            if self.ready and not self._waiting:
                self._work.wait()
            self._work.clear()
            try:
                self._since_s = time.monotonic()
                if self._folder is None:
                    self._hold()
                if self._waiting:
                    self._write()
                self._since_s = 0.0
            except OSError as fault:
                self._refused(fault)
                time.sleep(RETRY_S)

    def _write(self) -> None:
        """Write what has gathered; all of it or, raising OSError, nothing."""
        if self._file < 0 or self._end.offset >= self._segment_bytes:
            self._begin_segment()
        with self._lock:
            batch = [payload for payload, _ in islice(self._waiting, BATCH_MAX)]
            taken = self._taken
        segment, offset, number = self._end
        data = b"".join([frame(payload, number + at) for at, payload in enumerate(batch)])
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, data[written:] if written else data)
        except OSError:
            self._cut(offset)
            raise
        self._end = Position(segment, offset + len(data), number + len(batch))
        self._unsynced.set()
        if self.fault:
            LOG.warning("the journal is written again")
            self.fault = ""
        with self._lock:
            self._take(max(0, len(batch) - (self._taken - taken)))

    def _cut(self, offset: int) -> None:
        """Take back what was half written; where not even that can be done, the next record begins a new segment."""
        try:
            os.ftruncate(self._file, offset)
        except OSError:
            os.close(self._file)
            self._file = -1

    def _hold(self) -> None:
        folder = JournalFolder.hold_first(self.root)
        start = folder.position()
        self._end = Position(max([start.segment, *folder.segments()]), 0, 0)
        self._reader = JournalReader(folder, start, self._living)
        self._folder = folder

    def _living(self) -> int:
        return self._end.segment if self._file >= 0 else 0

    def _begin_segment(self) -> None:
        assert self._folder is not None
        self.sync()
        segment = self._end.segment + 1
        file = self._folder.new_segment(segment)
        if self._file >= 0:
            os.close(self._file)
        self._file, self._end = file, Position(segment, 0, 0)

    def _refused(self, fault: OSError) -> None:
        """Say it once, and give up what was only kept for a restart: there may be room then."""
        if not self.fault:
            LOG.error("the journal cannot be written, calls are kept in memory: %s", fault)
        self.fault = str(fault)
        if self._folder is not None:
            with suppress(OSError):  # said already
                self._folder.remove_before(self._folder.position().segment, kept_s=0)

    def _take(self, count: int) -> None:
        """Take so many off the front of the list; where some were lost, there is room now to say so."""
        for _ in range(count):
            self._waiting.popleft()
        self._taken += count
        if self._gap.records and len(self._waiting) < self._memory_max:
            self._waiting.append((encode(self._gap), self._gap.to_s))
            self._gap = Gap(0, 0.0, 0.0)
