"""Processes that the bench starts on a core of its choice, watches, and ends by their id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

Running = TypeVar("Running", bound="Process")


class Process:
    """One child on one core; leaving the `with` block ends it."""

    def __init__(self, command: Sequence[str], core: int | None, log: Path) -> None:
        self.log = log
        """Where it writes what it says."""
        with log.open("wb") as out:
            # a session of its own, as a service manager starts it: the kernel shares a core out by sessions (autogroup)
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        if core is not None:
            os.sched_setaffinity(self._child.pid, {core})

    def __enter__(self: Running) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has, by itself."""
        return self._child.poll() is not None

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and make it end when it does not."""
        if self._child.poll() is None:
            self._child.send_signal(how)
            try:
                self._child.wait(5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    def cpu_s(self) -> float:
        """Processor time so far, user and system, that of its threads and of its living children included."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(map(_cpu_s, (self.pid, *map(int, children))))

    def rss_mb(self) -> float:
        """Memory it holds now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def wait_for(self, there: str) -> None:
        """Wait until it listens: a port of loopback (`:4573`) or a unix socket's path."""
        deadline = time.monotonic() + 15
        while self._child.poll() is None and time.monotonic() < deadline:
            if _listens(there):
                return
            time.sleep(0.01)
        raise SystemExit(f"bench: {self._child.args!r} did not start; it said:\n{self.log.read_text()[-2000:]}")


def _cpu_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _listens(there: str) -> bool:
    if not there.startswith(":"):
        return Path(there).is_socket()
    wanted = f":{int(there[1:]):04X} "
    # asking the kernel's table and not the door: a connection that ends at once freezes panoramisk's server
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(wanted in f"{row.split()[1]} " and row.split()[3] == "0A" for row in rows)
