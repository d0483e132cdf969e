"""The live line under events: written by another process, read by the feed, applied to the state.

`python -m tests.bench.bench_line [SECONDS]`. Beside it panoramisk's own manager reads the same bytes and does nothing
with them. Each event's time runs from when its burst was written to when it was applied, on one clock.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from array import array
from bisect import bisect_left
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import uvloop
from panoramisk.manager import Manager  # type: ignore[import-untyped]

from asterisk_router.feeds.ami_feed import AmiFeed
from asterisk_router.queues.events import Event, LineListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.settings import AmiServer
from tests.live.ports import free_port

from .machine import cores
from .processes import Process
from .report import measured

PACE = 5_000
"""Events a second that must leave no backlog."""

AT_ONCE = 40_000
"""Events written as fast as they are taken, for the most there can be."""

BEAT_S = 0.001
"""How often something else wants its turn of the loop."""

PATIENCE_S = 60.0
"""Longer no measure may take."""

Row = dict[str, Any]


class Run(NamedTuple):
    """What came of one stream of events."""

    lags_ms: list[float]
    """From written to applied, sorted."""
    behind: int
    """Events that were written and not applied yet when the last was written."""
    rate: float
    """Events a second, from the first written to the last applied."""
    cpu_us: float
    """Processor time of the reading process for each event."""
    held_ms: float
    """The longest that a beat of `BEAT_S` was late: so long would a call have waited for its turn."""

    def percentile(self, share: float) -> float:
        """The lag that this share of the events stayed under."""
        return self.lags_ms[min(len(self.lags_ms) - 1, int(len(self.lags_ms) * share))]


Reader = Callable[[int, "array[int]", int], Awaitable[None]]
"""Follows the PBX on a port and notes the time of each event until so many have come."""


class Applied:
    """Hears the feed: applies each event, then notes the time."""

    def __init__(self, line: LiveLine, at_ns: array[int]) -> None:
        self.line, self.at_ns = line, at_ns

    def happened(self, event: Event, at_s: float) -> None:
        """Apply it; snapshots are not counted."""
        self.line.apply(event, at_s)
        if type(event) is not LineListed:
            self.at_ns.append(time.monotonic_ns())

    def heard(self, at_s: float) -> None:
        """A pong."""
        self.line.heard(at_s)

    def lost(self, why: str) -> None:
        """Only after the last event."""
        self.line.lost()


async def by_the_feed(port: int, at_ns: array[int], count: int) -> None:
    """Our feed and our state."""
    line = LiveLine("bench")
    feed = AmiFeed(AmiServer("bench", "127.0.0.1", port, "router", "bench"), Applied(line, at_ns))
    feed.open()
    while len(at_ns) < count:
        await asyncio.sleep(0.01)
    assert not line.doubtful and line.known(time.time()), "the state is what the events say"
    await feed.close()


async def by_panoramisk(port: int, at_ns: array[int], count: int) -> None:
    """panoramisk's manager, with one callback that only notes the time."""
    manager = Manager(host="127.0.0.1", port=port, username="router", secret="bench", loop=asyncio.get_running_loop())
    manager.register_event("*", lambda manager, event: at_ns.append(time.monotonic_ns()))
    manager.connect()
    while len(at_ns) < count:
        await asyncio.sleep(0.01)
    manager.connection_lost = lambda fault: None
    manager.close()


async def beside(reading: Awaitable[None]) -> float:
    """How long the reading held up a beat beside it at most, in seconds."""
    read = asyncio.ensure_future(reading)
    longest_s, last_s = 0.0, time.monotonic()
    while not read.done():
        await asyncio.sleep(BEAT_S)
        now_s = time.monotonic()
        longest_s, last_s = max(longest_s, now_s - last_s - BEAT_S), now_s
    await read
    return longest_s


def measure(read: Reader, count: int, pace: int) -> Run:
    """One stream of `count` events at `pace` a second, 0 for as fast as they are taken."""
    port, at_ns = free_port(), array("q")
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "speaker"
        words = [sys.executable, "-m", "tests.bench.peers.ami_speaker", str(port), str(count), str(pace)]
        with Process(words, cores()[1], said) as speaker:
            speaker.wait_for(f":{port}")
            cpu_s = time.process_time()
            held_s = uvloop.run(asyncio.wait_for(beside(read(port, at_ns, count)), PATIENCE_S))
            cpu_s = time.process_time() - cpu_s
            while not (written := said.read_text()).endswith("\n"):
                time.sleep(0.01)
    bursts = [tuple(map(int, line.split())) for line in written.splitlines()]
    ends = [so_far for so_far, _ in bursts]
    lags = [(at - bursts[bisect_left(ends, number)][1]) / 1e6 for number, at in enumerate(at_ns[:count], 1)]
    behind = count - sum(at <= bursts[-1][1] for at in at_ns)
    took_s = (at_ns[count - 1] - bursts[0][1]) / 1e9
    return Run(sorted(lags), behind, count / took_s, cpu_s / count * 1e6, held_s * 1e3)


def run(seconds: float = 4.0) -> list[Row]:
    """Rows of the table; the reading process has a core of its own where there are two."""
    gc.collect()
    gc.freeze()  # as the daemon does once it runs
    count = int(PACE * seconds)
    paced, theirs = (measure(read, count, PACE) for read in (by_the_feed, by_panoramisk))
    most, most_theirs = (measure(read, AT_ONCE, 0) for read in (by_the_feed, by_panoramisk))
    at_pace = f"at {PACE:,} events/s"
    return [
        measured(f"{at_pace}, written to applied: median", paced.percentile(0.5), "ms", None, 5),
        measured(f"{at_pace}, written to applied: p99", paced.percentile(0.99), "ms", None, 5),
        measured(f"{at_pace}: events behind at the end", paced.behind, "", None, PACE * 0.005),
        measured("most events/s", most.rate, "", most.rate / most_theirs.rate, 1, "panoramisk's", at_least=True),
        measured("longest a PBX that floods holds calls up", most.held_ms, "ms", None, 50),
        _figure(f"{at_pace}: processor time an event", paced.cpu_us, "us"),
        _figure(f"panoramisk's parser, {at_pace}: median", theirs.percentile(0.5), "ms"),
        _figure(f"panoramisk's parser, {at_pace}: p99", theirs.percentile(0.99), "ms"),
        _figure(f"panoramisk's parser, {at_pace}: events behind at the end", theirs.behind, ""),
        _figure(f"panoramisk's parser, {at_pace}: processor time an event", theirs.cpu_us, "us"),
        _figure("panoramisk's parser: most events/s", most_theirs.rate, ""),
        _figure("panoramisk's parser: longest a PBX that floods holds calls up", most_theirs.held_ms, "ms"),
    ]


def _figure(what: str, figure: float, unit: str) -> Row:
    return {"what": what, "figure": f"{figure:,.3g}" if figure < 1000 else f"{figure:,.0f}", "unit": unit}


if __name__ == "__main__":
    for row in run(*map(float, sys.argv[1:])):
        print("  ".join(f"{key}: {value}" for key, value in row.items() if value is not None))
