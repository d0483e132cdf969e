"""Numbered pieces of work done by several processes of this program, none of which waits for another."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, cast

from ...errors import BacktestError

Work = Callable[[int], None]
"""Does the piece of that number; what it found it leaves in a file."""


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def in_processes(work: Work, pieces: Sequence[int], jobs: int, done: Callable[[int], None]) -> None:
    """Do every piece, telling `done` after each; with one job, or one piece, in this process.

    Raises BacktestError when a piece fails or a process is lost; whatever happens no process is left behind.
    """
    if jobs == 1 or len(pieces) < 2:
        for piece in pieces:
            work(piece)
            done(piece)
        return
    context: Any = multiprocessing.get_context("fork")  # the policies are handed over as they are, not loaded again
    turn = context.Value("q", 0)
    workers = []
    try:
        for _ in range(min(jobs, len(pieces))):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_serve, args=(work, pieces, turn, theirs), daemon=True)
            workers.append(_Worker(process, ours))
            process.start()
            theirs.close()
        _listen(workers, len(pieces), done)
    finally:
        for worker in workers:
            if worker.process.pid is not None:
                worker.process.terminate()
                worker.process.join()


class _Worker(NamedTuple):
    process: Any
    told: Connection


def _listen(workers: Sequence[_Worker], left: int, done: Callable[[int], None]) -> None:
    ends = [worker.told for worker in workers]
    while left:
        for ready in cast(list[Connection], wait(ends)):
            told: Any
            try:
                told = ready.recv()
            except EOFError:
                ends.remove(ready)
                if not ends:
                    raise BacktestError("a process was lost", remedy="was it out of memory? use fewer --jobs") from None
                continue
            if isinstance(told, str):
                raise BacktestError(told)
            done(told)
            left -= 1


def _serve(work: Work, pieces: Sequence[int], turn: Any, told: Connection) -> None:
    """One process: takes the next piece that nobody has, until there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the command, which ends its processes
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        while True:
            with turn.get_lock():
                place = turn.value
                turn.value += 1
            if place >= len(pieces):
                return
            work(pieces[place])
            told.send(pieces[place])
    except Exception as fault:
        told.send(f"{type(fault).__name__}: {fault}")
