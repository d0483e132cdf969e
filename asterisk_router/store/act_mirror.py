"""The record of acts once more, in files of the state directory: what was cut off or changed in Redis is missed here.

STATE_DIR/acts/log       the lines of the chain, one below the other, only ever added to
               waiting   notes of acts that were done while no Redis was asked; the daemon records them
               lock      held while either is written; `recording` by whoever records what waits
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..wire.act_record import ActNote, encode_note

FOLDER = "acts"
"""The folder's name in the state directory."""

BACK_BYTES = 1 << 16
"""How much of the file's end is read at once in search of its last line; a line has a few hundred bytes."""


class ActMirror:
    """The files of one state directory. All of it blocks on the disk and raises OSError."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER
        self._state_dir = state_dir

    @property
    def path(self) -> Path:
        """Where the lines are."""
        return self._folder / "log"

    def lines(self) -> list[bytes]:
        """Every whole line, oldest first; none where there is no file. A line that was cut short is no line."""
        try:
            *whole, _ = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return whole

    def last(self) -> bytes:
        """The last whole line, for which the end of the file alone is read; empty for none."""
        try:
            with open(self.path, "rb") as file:
                return _last_line(file)[0]
        except FileNotFoundError:
            return b""

    def add(self, after: bytes, lines: Sequence[bytes]) -> bool:
        """Add lines behind the line `after`; False, and nothing is added, when another is the last one by now."""
        with self._locked(), open(self.path, "a+b", opener=self._private) as file:
            last, end = _last_line(file)
            if last != after:
                return False
            file.truncate(end)  # a line that was cut short goes
            file.write(b"".join(line + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        return True

    def record_later(self, note: ActNote) -> None:
        """Keep a note on disk until a daemon records it."""
        with self._locked(), open(self._folder / "waiting", "ab", opener=self._private) as file:
            file.write(encode_note(note) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def waiting(self) -> list[bytes]:
        """The lines of all notes that wait, oldest first."""
        try:
            *whole, _ = (self._folder / "waiting").read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return whole

    @contextmanager
    def recording(self) -> Iterator[bool]:
        """Whether it is for us to record what waits, and for nobody else until the block is left."""
        if not self._folder.is_dir():
            yield False
            return
        lock = self._private(str(self._folder / "recording"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
        except BlockingIOError:
            ours = False
        try:
            yield ours
        finally:
            os.close(lock)

    def recorded(self, count: int) -> None:
        """The oldest `count` notes wait no more; only for whoever is `recording`."""
        with self._locked():
            left = self.waiting()[count:]
            made = self._folder / "waiting.new"
            with open(made, "wb", opener=self._private) as file:
                file.write(b"".join(line + b"\n" for line in left))
                file.flush()
                os.fsync(file.fileno())
            made.replace(self._folder / "waiting")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self._private(str(self._folder / "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _private(self, path: str, flags: int) -> int:
        """Open a file for its owner alone: what root makes belongs to whoever the state directory belongs to."""
        opened = os.open(path, flags, 0o600)
        if os.geteuid() == 0:
            owner = self._state_dir.stat()
            os.fchown(opened, owner.st_uid, owner.st_gid)
            os.chown(self._folder, owner.st_uid, owner.st_gid)
        return opened


def _last_line(file: BinaryIO) -> tuple[bytes, int]:
    """The last whole line of a file, empty for none, and the place behind it."""
    start = file.seek(0, os.SEEK_END)
    tail = b""
    while start and tail.count(b"\n") < 2:
        piece = min(BACK_BYTES, start)
        start = file.seek(start - piece)
        tail = file.read(piece) + tail
    whole = tail[: tail.rfind(b"\n") + 1]
    return whole[whole.rfind(b"\n", 0, -1) + 1 : -1], start + len(whole)
