"""Who was kept from a core by the hypervisor, and when: a witness beside what is measured."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .machine import build
from .processes import Process


class Held(NamedTuple):
    """A time in which a core was somebody else's."""

    core: int
    """Which one."""
    from_s: float
    """Since 1970 UTC."""
    until_s: float
    """Since 1970 UTC."""


class Witness:
    """What the witnesses on all cores have told so far; see witness.c."""

    def __init__(self, told: Path) -> None:
        self._told = told

    def held(self, since_s: float = 0.0) -> list[Held]:
        """Every time a core was held that was over after `since_s`, in the order in which they ended."""
        rows = [line.split() for line in self._told.read_text().splitlines(keepends=True) if line.endswith("\n")]
        times = [Held(int(core), float(from_s), float(until_s)) for core, from_s, until_s in rows]
        return [each for each in times if each.until_s >= since_s]


def held_s(times: list[Held], from_s: float, until_s: float) -> float:
    """For how long between two moments at least one core was held."""
    total, reached_s = 0.0, from_s
    for each in sorted(times, key=lambda one: one.from_s):
        begun_s, ended_s = max(each.from_s, reached_s), min(each.until_s, until_s)
        if ended_s > begun_s:
            total, reached_s = total + ended_s - begun_s, ended_s
    return total


@contextmanager
def witnessing(folder: Path) -> Iterator[Witness]:
    """Witnesses on every core we may use; root's right. Raises RuntimeError without it."""
    told = folder / "witness.log"
    command = [str(build("witness.c", folder)), *map(str, sorted(os.sched_getaffinity(0)))]
    with Process(command, None, told) as process:
        yield Witness(told)
        if process.has_ended:
            raise RuntimeError(f"no witness: {told.read_text().strip()}")
        process.end(signal.SIGKILL)
