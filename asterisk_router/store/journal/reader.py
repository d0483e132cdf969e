"""Reads a journal back in bites, from where it was left. All of it blocks on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from ...wire.journal_frame import HEAD_BYTES, PAYLOAD_MAX, scan
from .folder import JournalFolder, Position

BITE_BYTES = 4 * (PAYLOAD_MAX + HEAD_BYTES)
"""How much is read at once: room for at least one frame of any length."""


class Entry(NamedTuple):
    """One record read back, or a place where records were lost."""

    payload: bytes
    """The record; empty where there is none (the end of a file that was torn off)."""
    lost: int
    """Records missing right before it."""
    position: Position
    """Where reading goes on after it."""


class JournalReader:
    """Goes through the segments of one folder, in order."""

    def __init__(self, folder: JournalFolder, start: Position, living: Callable[[], int] = lambda: 0) -> None:
        self.folder = folder
        """What is read."""
        self.position = start
        """Where reading goes on."""
        self._living = living  # the segment that is still written, 0 for none

    def read(self, most: int) -> list[Entry]:
        """At most `most` further entries; none when everything written so far has been read. Raises OSError."""
        entries: list[Entry] = []
        while not entries:
            segment, offset, number = self.position
            # asked first: a segment that ends after this was whole before it was read
            living = segment == self._living()
            data, size = self._bytes(segment, offset)
            found = scan(data, number, most)
            for payload, end, lost in found.frames:
                self.position = Position(segment, offset + end, number := number + lost + 1)
                entries.append(Entry(payload, lost, self.position))
            if entries or living:
                break
            if len(data) == BITE_BYTES and offset + len(data) < size:  # nothing whole in all of it
                self.position = Position(segment, offset + len(data) - PAYLOAD_MAX - HEAD_BYTES, number)
                continue
            following = [later for later in self.folder.segments() if later > segment]
            if not following and not data:
                break
            self.position = Position(following[0], 0, 0) if following else Position(segment, size, number)
            if data:
                entries.append(Entry(b"", 1, self.position))
        return entries

    def _bytes(self, segment: int, offset: int) -> tuple[bytes, int]:
        """A bite from there, and how long the segment is; nothing of one that is not there."""
        try:
            file = os.open(self.folder.segment(segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return b"", 0
        try:
            return os.pread(file, BITE_BYTES, offset), os.fstat(file).st_size
        finally:
            os.close(file)
