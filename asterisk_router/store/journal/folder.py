"""The folder of one journal: its segments, who holds it, and how far it has been read. All of it blocks on the disk.

    STATE_DIR/journal/0/00000001.journal   frames of `wire/journal_frame`; a new segment at every start
                        position           how far everything is registered
                        lock               held by the process that writes here

A second daemon on the same state directory finds folder 0 held and takes folder 1. A folder that nobody holds
was left behind by a daemon that ended: whoever lives takes its calls in.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ...wire.journal_frame import frame, scan

JOURNALS = "journal"
"""The folder of all journals in the state directory."""

SUFFIX = ".journal"
"""How segments end."""

FOLDERS_MAX = 64
"""Most daemons that may share a state directory."""

KEPT_S = 4 * 3600
"""How long a segment is kept after everything in it is registered: a restarted daemon learns from it which calls are
still open."""

KEPT_MAX = 8
"""At most so many registered segments are kept."""


class Position(NamedTuple):
    """A place in a journal."""

    segment: int
    """Number of the segment, from 1."""
    offset: int
    """Byte in it."""
    number: int
    """The frame due there."""


class JournalFolder:
    """One folder, held by this process."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        """Where it is."""
        self._lock = lock

    @classmethod
    def hold(cls, path: Path) -> JournalFolder | None:
        """Hold the folder at `path`, made if need be; None when another process holds it. Raises OSError."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            os.close(lock)
            if isinstance(fault, BlockingIOError):
                return None
            raise
        return cls(path, lock)

    @classmethod
    def hold_first(cls, root: Path) -> JournalFolder:
        """Hold the first folder of `root` that nobody holds. Raises OSError."""
        for number in range(FOLDERS_MAX):
            folder = cls.hold(root / str(number))
            if folder is not None:
                return folder
        raise OSError(f"{FOLDERS_MAX} daemons hold a journal in {root} already")

    @classmethod
    def hold_left(cls, root: Path) -> Iterator[JournalFolder]:
        """Hold, one after the other, the folders whose daemons ended with something in them. Raises OSError."""
        for path in sorted(root.iterdir()):
            if path.name.isdigit() and any(path.glob(f"*{SUFFIX}")):
                folder = cls.hold(path)
                if folder is not None:
                    yield folder

    def release(self) -> None:
        """Hold it no longer."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def segments(self) -> list[int]:
        """Numbers of its segments, in order."""
        return sorted(int(path.stem) for path in self.path.glob(f"*{SUFFIX}") if path.stem.isdigit())

    def segment(self, number: int) -> Path:
        """Where a segment is."""
        return self.path / f"{number:08d}{SUFFIX}"

    def new_segment(self, number: int) -> int:
        """Begin a segment; returns the open file, to append to."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return os.open(self.segment(number), flags, 0o600)

    def position(self) -> Position:
        """How far everything is registered; the beginning when nobody can tell, for registering twice does no harm."""
        first = Position(min(self.segments(), default=1), 0, 0)
        try:
            frames = scan((self.path / "position").read_bytes()).frames
            segment, offset, number = map(int, frames[0].payload.split())
        except (OSError, IndexError, ValueError):
            return first
        return max(first, Position(segment, offset, number))

    def save_position(self, position: Position) -> None:
        """Note that everything before `position` is registered. Raises OSError."""
        text = frame(b"%08d %012d %010d" % position, 0)
        file = os.open(self.path / "position", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(file, text, 0)  # always of the same length: written over in place, also on a full disk
        finally:
            os.close(file)

    def remove_before(self, segment: int, kept_s: float = KEPT_S) -> None:
        """Remove the segments before `segment` that were written longer than `kept_s` ago, or are too many."""
        before = [number for number in self.segments() if number < segment]
        for left, number in enumerate(reversed(before)):
            path = self.segment(number)
            if left >= KEPT_MAX or not kept_s or time.time() - path.stat().st_mtime > kept_s:
                path.unlink(missing_ok=True)
