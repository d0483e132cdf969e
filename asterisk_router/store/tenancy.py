"""Who uses the embedded store of a state directory: it lives as long as anybody does.

Two locks that the kernel keeps, and releases for a process that was killed: `users`, shared by all who use the
store, so that whoever leaves and gets it for himself was the last; and `lock`, held by whoever is starting it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP_S = 15.0
"""How long the last to leave may take to stop the store, while newcomers wait."""

GLANCE_S = 0.005
"""How often whoever waits for another process looks again."""


class Tenancy:
    """One user of the store in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._users = -1

    async def enter(self) -> None:
        """Become a user, after the last one has finished leaving; raises StoreError when there is no place."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._directory.chmod(0o700)
            self._users = self._open("users")
        except OSError as fault:
            raise StoreError(
                f"the embedded store has no place: {fault.strerror}",
                where=str(self._directory),
                remedy="give a state directory that can be written, or a Redis URL",
            ) from None
        for _ in range(round(STOP_S / GLANCE_S)):
            if _taken(self._users, fcntl.LOCK_SH):
                return
            await asyncio.sleep(GLANCE_S)
        self.left()
        raise StoreUnavailableError("the embedded store is being stopped and does not end", where=str(self._directory))

    def leave(self) -> bool:
        """Be no user any more; whether nobody else is one. Then newcomers wait until `left`."""
        if self._users >= 0 and _taken(self._users, fcntl.LOCK_EX):
            return True
        self.left()
        return False

    def left(self) -> None:
        """Let newcomers in."""
        if self._users >= 0:
            os.close(self._users)
            self._users = -1

    @contextmanager
    def starting(self) -> Iterator[bool]:
        """Whether it is for us to start the store now, and for nobody else until the block is left."""
        lock = self._open("lock")
        try:
            yield _taken(lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        return os.open(self._directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(lock: int, kind: int) -> bool:
    """Whether a lock could be had at once; if not, the one held before on the same file is given up."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    return True
