"""Every piece is done once, by however many processes; a lost process and a fault are told."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from asterisk_router.admin.past.in_processes import cores, in_processes
from asterisk_router.errors import BacktestError


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_piece_is_done_once(tmp_path: Path, jobs: int) -> None:
    def work(piece: int) -> None:
        (tmp_path / str(piece)).open("x").write(str(os.getpid()))

    told: list[int] = []
    in_processes(work, range(20), jobs, told.append)
    assert sorted(told) == list(range(20)) and len(list(tmp_path.iterdir())) == 20
    assert jobs > 1 or {path.read_text() for path in tmp_path.iterdir()} == {str(os.getpid())}


def test_a_fault_in_a_process_is_told_and_none_is_left(tmp_path: Path) -> None:
    def work(piece: int) -> None:
        raise OSError(28, "No space left on device", "hand")

    with pytest.raises(BacktestError, match="No space left"):
        in_processes(work, range(4), 2, lambda piece: None)
    assert not multiprocessing.active_children()


def test_a_process_that_is_lost_is_noticed() -> None:
    def work(piece: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(BacktestError, match="a process was lost"):
        in_processes(work, range(4), 2, lambda piece: None)


def test_breaking_off_leaves_no_process(tmp_path: Path) -> None:
    def stop(piece: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_processes(lambda piece: None, range(50), 2, stop)
    assert not multiprocessing.active_children()


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
