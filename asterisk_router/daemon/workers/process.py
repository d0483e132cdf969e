"""A worker: the same command once more, in a process of its own, with the keeper's sockets.

It is executed anew, not only forked, so that a restart also takes up an upgraded package.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from collections.abc import Sequence

MARK = "ASTERISK_ROUTER_WORKER"
"""In the environment of a worker: its number, the process that keeps it, and whether others answer meanwhile."""

FIRST = 3
"""Where handed over sockets begin (sd_listen_fds(3))."""


def is_worker() -> bool:
    """Whether this process was started by a keeper."""
    return MARK in os.environ


def number() -> int:
    """Which worker this process is, from 0; 0 too for a daemon without a keeper."""
    return int(os.environ.get(MARK, "0").partition(":")[0])


def is_orphan() -> bool:
    """Whether the keeper of this worker is gone, which leaves nobody to restart it or to tell it to stop."""
    return is_worker() and os.environ[MARK].split(":")[1] != str(os.getppid())


def may_take_its_time() -> bool:
    """Whether other workers answer, so that this one opens its door only when it will keep no caller waiting."""
    return os.environ.get(MARK, "").endswith(":unhurried")


def start(
    worker: int,
    listeners: Sequence[socket.socket],
    names: Sequence[str],
    notify: str,
    watchdog_s: float,
    *,
    unhurried: bool = False,
) -> int:
    """Start worker number `worker`; returns its process ID.

    It finds `listeners` under these `names` as sd_listen_fds(3) says, says how it is at `notify`, and at least every
    `watchdog_s`. It is `unhurried` if others answer meanwhile. Raises OSError.
    """
    environment = {
        **os.environ,
        MARK: f"{worker}:{os.getpid()}:{'unhurried' if unhurried else 'hurried'}",
        "LISTEN_FDS": str(len(listeners)),
        "LISTEN_FDNAMES": ":".join(names),
        "NOTIFY_SOCKET": notify,
        "WATCHDOG_USEC": str(round(watchdog_s * 1_000_000)),
    }
    # a signal that came between fork and exec would be heard by the keeper's loop, as if it were meant for it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _become(environment, [listener.fileno() for listener in listeners])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid


def _become(environment: dict[str, str], descriptors: Sequence[int]) -> None:
    """Turn this process, just forked, into the worker; does not return."""
    try:
        above = FIRST + len(descriptors)
        copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, above) for descriptor in descriptors]
        for place, copy in enumerate(copies, FIRST):
            os.dup2(copy, place)
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2, signal.SIGCHLD):
            signal.signal(sign, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        environment["LISTEN_PID"] = environment["WATCHDOG_PID"] = str(os.getpid())
        os.execve(sys.executable, sys.orig_argv, environment)
    finally:
        os._exit(127)
