"""A core that is held by somebody before everybody else is seen to be held, and for how long."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.bench.witness import Held, held_s, witnessing

HELD_S = 0.05


@pytest.mark.live
def test_a_core_that_is_held_is_told_of(tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    with witnessing(tmp_path) as witness:
        time.sleep(0.1)
        from_s = time.time()
        child = os.fork()
        if child == 0:
            hold(core)
        os.waitpid(child, 0)
        until_s = time.time()
        while held_s(witness.held(from_s), from_s, until_s) < HELD_S * 0.9:
            assert time.time() - until_s < 10, witness.held()
            time.sleep(0.01)
    assert core in {each.core for each in witness.held(from_s)}


def hold(core: int) -> None:
    """In a child: let nobody else onto the core for HELD_S."""
    try:
        os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
        until_s = time.monotonic() + HELD_S
        while time.monotonic() < until_s:
            pass
    finally:
        os._exit(0)


def test_times_on_two_cores_count_once() -> None:
    times = [Held(0, 1.0, 2.0), Held(1, 1.5, 2.5), Held(0, 4.0, 5.0)]
    assert held_s(times, 0.0, 9.0) == 2.5
    assert held_s(times, 1.75, 4.5) == 1.25
    assert held_s(times, 2.5, 4.0) == 0
