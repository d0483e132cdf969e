"""The load generator, as a function."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import NamedTuple

WIDTH = 13
"""Bytes of one line of the numbers file: `+12015550000` and its end."""


class Heard(NamedTuple):
    """What a run of calls showed."""

    calls: int
    """Answered, the sentinel last."""
    rate: float
    """Answered a second."""
    errors: int
    """Refused, reset, late, or without the sentinel."""
    degraded: int
    """Answered, with `ROUTER_DEGRADED` set."""
    unexpected: int
    """Answered, without the text that shows that the caller's record was seen."""
    p50_us: float
    """Half of the calls waited at most so long."""
    p99_us: float
    """99 of 100."""
    p999_us: float
    """999 of 1,000."""
    max_us: float
    """The longest."""
    seconds: float
    """How long calls were started."""
    late: int
    """Of the errors: nobody answered for two seconds, or the generator had no room for the call."""
    turned_p50_us: float
    """Half of those that were refused or closed without an answer knew it so long after their connect."""
    turned_p99_us: float
    """99 of 100 of them."""
    turned_max_us: float
    """The last of them."""
    sure_p99_us: float
    """99 of 100, until the generator's last look that did not yet find them so: surely not its own delay."""
    sure_max_us: float
    """The last of them, likewise."""
    own_busy: float
    """Share of a core the generator itself took: near 1, it and not the server was the limit."""


class Load:
    """Plays calls from a file of numbers; see load.c."""

    def __init__(self, program: Path, numbers: Path, count: int, core: int) -> None:
        self.program = program
        self.numbers = numbers
        self.count = count
        self.core = core
        self._seed = 0

    def command(self, port: int, **options: float | str) -> list[str]:
        """The command line of a run."""
        self._seed += 1
        given = {"port": port, "numbers": self.numbers, "width": WIDTH, "count": self.count, "seed": self._seed}
        words = ["taskset", "-c", str(self.core), str(self.program)]
        for name, value in {**given, **options}.items():
            words += [f"--{name}", str(value)]
        return words

    def play(self, port: int, **options: float | str) -> Heard:
        """Play calls and wait for the last one."""
        with self.playing(port, **options) as calls:
            return heard(calls.communicate()[0])

    def playing(self, port: int, **options: float | str) -> subprocess.Popen[str]:
        """Start playing calls; SIGINT ends it with what was heard so far."""
        return subprocess.Popen(self.command(port, **options), stdout=subprocess.PIPE, text=True)

    def environment(self) -> bytes:
        """One call's environment, as it is sent."""
        return subprocess.run(self.command(0, show=1), capture_output=True, check=True).stdout


def heard(out: str) -> Heard:
    """Read the generator's line."""
    said = json.loads(out)
    if not said["calls"]:
        said.update(dict.fromkeys(("p50_us", "p99_us", "p999_us", "max_us"), math.inf))  # nobody ever stopped waiting
    return Heard(
        calls=said["calls"],
        rate=said["rate"],
        errors=said["refused"] + said["reset"] + said["no_sentinel"] + said["late"],
        degraded=said["degraded"],
        unexpected=said["unexpected"],
        p50_us=said["p50_us"],
        p99_us=said["p99_us"],
        p999_us=said["p999_us"],
        max_us=said["max_us"],
        seconds=said["seconds"],
        late=said["late"],
        turned_p50_us=said["turned_p50_us"],
        turned_p99_us=said["turned_p99_us"],
        turned_max_us=said["turned_max_us"],
        sure_p99_us=said["sure_p99_us"],
        sure_max_us=said["sure_max_us"],
        own_busy=said["own_cpu_s"] / said["seconds"],
    )
