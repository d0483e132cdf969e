"""Takes in the reports of ended calls that the dialplan wrote into a file."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..once_a_minute import OnceAMinute
from ..wire.end_report import read_line

if TYPE_CHECKING:
    from ..wire.incoming_call import IncomingCall

LOG = logging.getLogger(__name__)

NAME = "unreported"
"""The file the dialplan appends to (`dialplan/calls.conf`, router-ended)."""

TAKEN = "taken"
"""What the file is called while it is taken in: by then the dialplan writes a new one."""

ROUND_S = 1.0
"""How often the file is looked for."""

WRITTEN_S = 1.0
"""How long a channel that had opened the file under its old name may take to write its line."""

DISK_S = 10.0
"""How long the journal may take before the file is kept for the next round."""

PIECE_BYTES = 1 << 20
"""How much of the file is worked on before it must be safe: what a night without a daemon left is not read at once."""

LINES_A_TURN = 16
"""How many reports are worked on in one turn of the event loop."""

Ended = Callable[["IncomingCall", float], None]
"""Told a report, and by when its call had ended (seconds since 1970 UTC)."""

OnDisk = Callable[[float], Awaitable[bool]]
"""Waits, at most so many seconds, until everything told so far is safe; whether it is."""


class SpoolIntake:
    """Reads one directory; a report told twice, after a kill in between, is one end all the same."""

    def __init__(self, directory: Path, ended: Ended, on_disk: OnDisk, *, clock: Callable[[], float]) -> None:
        self.taken_in = 0
        """Reports taken in."""
        self.unreadable = 0
        """Lines that are no report."""
        self.faults = 0
        """Reports that met a fault of ours and were passed over."""
        self._file = directory / NAME
        self._taken = directory / TAKEN
        self._ended = ended
        self._on_disk = on_disk
        self._clock = clock
        self._said = ""
        self._seldom = OnceAMinute(LOG)

    async def keep(self) -> None:
        """Take in whatever is there, again and again, until cancelled."""
        if not self._file.parent.is_dir():
            LOG.warning("%s is not there: Asterisk cannot say how calls end until it is made", self._file.parent)
        while True:
            try:
                await self.take_in()
                self._said = ""
            except OSError as fault:
                if str(fault) != self._said:
                    LOG.warning("reports of ended calls cannot be taken in: %s", fault)
                self._said = str(fault)
            await asyncio.sleep(ROUND_S)

    async def take_in(self) -> None:
        """Take in the file once, if there is one and no other daemon is at it; raises OSError."""
        directory = await asyncio.to_thread(self._begin)  # a disk that hangs holds up no call
        if directory < 0:
            return
        try:
            await asyncio.sleep(WRITTEN_S)
            with await asyncio.to_thread(self._taken.open, "rb") as file:
                while lines := await asyncio.to_thread(file.readlines, PIECE_BYTES):
                    await self._tell(lines)
                    if not await self._on_disk(DISK_S):
                        return
            await asyncio.to_thread(self._taken.unlink)
        finally:
            os.close(directory)

    def _begin(self) -> int:
        """Take the file away from the dialplan; returns the directory, held and open, or -1 for nothing to do.

        Held, so that of two daemons the slower one cannot remove what the other has not read. Raises OSError.
        """
        directory = -1
        try:
            directory = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._taken.exists():  # else a daemon was killed before it had told everything
                self._file.rename(self._taken)
        except OSError as fault:
            if directory >= 0:
                os.close(directory)
            if isinstance(fault, (FileNotFoundError, BlockingIOError)):
                return -1
            raise
        return directory

    async def _tell(self, lines: list[bytes]) -> None:
        at_s = self._clock()
        for number, line in enumerate(lines, 1):
            call = read_line(line)
            if call.tainted:
                self.unreadable += 1
                self._seldom.warning("a line of %s is skipped: %s", self._file, call.tainted)
            else:
                self._tell_one(call, at_s)
            if not number % LINES_A_TURN:
                await asyncio.sleep(0)

    def _tell_one(self, call: IncomingCall, at_s: float) -> None:
        try:
            self._ended(call, at_s)
            self.taken_in += 1
        except Exception:  # it would keep every later report out, at each round again
            self.faults += 1
            LOG.exception("the report of the end of call %s is passed over for a fault of ours", call.uniqueid)
