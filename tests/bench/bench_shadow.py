"""`python -m tests.bench.bench_shadow`: what a shadow policy costs a call, with and without it in turns.

Medians of single calls on the whole path (number read, caller found in memory, decided, told): until the answer is
told, which is what a caller waits for, and until the path is done with the call, the next of which may wait. The
shadow decides later, between calls, within a twentieth of the processor's time.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from types import SimpleNamespace
from typing import Any

from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.daemon.shadow import Shadow
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.policy import Policy
from asterisk_router.wire.incoming_call import IncomingCall

from .bench_policy import AT_S, calls_of, policy_of

ROUNDS = 40
"""How often all calls are routed each way."""

UNTIL = {"told": "until the answer is told", "done": "until the path is done with the call"}
"""What is measured of each call."""


class KnownCallers(MemoryBook):
    """Finds the caller of each call at once."""

    def __init__(self, callers: dict[str, Caller]) -> None:
        super().__init__()
        self._callers = callers

    def find(self, key: str, found: Any) -> None:
        """The caller of the bench."""
        found(self._callers[key], False)


class Took:
    """Nanoseconds of each call until it is told and until the path is done with it."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.done: list[int] = []


async def route(path: CallPath, calls: list[IncomingCall], took: Took) -> None:
    """All calls, one after the other, with a turn of the event loop after each, as calls come in one by one."""
    told_ns = 0

    def decided(decision: Decision) -> None:
        nonlocal told_ns
        told_ns = perf_counter_ns()

    def failed(fault: Exception) -> None:
        raise fault

    for call in calls:
        began_ns = perf_counter_ns()
        path.route(call, AT_S, decided, failed)
        done_ns = perf_counter_ns()
        await asyncio.sleep(0)
        took.done.append(done_ns - began_ns)
        took.told.append(told_ns - began_ns)


async def in_turns(policy: Policy, other: Policy, rules: int) -> dict[str, Took]:
    """The times of every call, without a shadow and with one."""
    arguments = calls_of(policy, rules)
    calls = [each[0] for each in arguments]
    book = KnownCallers({each[1].key: each[2] for each in arguments})
    in_force = SimpleNamespace(path=CallPath(policy, book, book.ranges))
    shadow_in_force = SimpleNamespace(path=in_force.path)
    shadow = Shadow(shadow_in_force, lambda: in_force)
    shadow_in_force.path = CallPath(other, book, book.ranges)
    paths = {"alone": in_force.path, "with": CallPath(policy, book, book.ranges, seen=shadow.saw)}
    took = {name: Took() for name in paths}
    for _ in range(ROUNDS):
        for name, path in paths.items():
            await route(path, calls, took[name])
        while shadow.differences.compared + shadow.dropped + shadow.faults < len(took["with"].done):
            await asyncio.sleep(0.001)  # what waits is decided, as in a quiet moment
    assert shadow.differences.compared == ROUNDS * len(calls), shadow.as_plain()["not_compared"]
    return took


def row(rules: int, what: str, alone: float, with_shadow: float) -> dict[str, Any]:
    """One line of the table, of two times in nanoseconds."""
    return {
        "rules": str(rules),
        "measured": what,
        "alone": f"{alone / 1000:.3f} us",
        "with a shadow": f"{with_shadow / 1000:.3f} us",
        "ratio": f"{with_shadow / alone:.3f}",
    }


def run() -> list[dict[str, Any]]:
    """Rows of the table."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for rules in (40, 1000):
            policy, other = policy_of(rules, Path(folder)), policy_of(rules + 10, Path(folder))
            took = asyncio.run(in_turns(policy, other, rules))
            for what, until in UNTIL.items():
                rows.append(row(rules, until, *(median(getattr(took[name], what)) for name in ("alone", "with"))))
    return rows


if __name__ == "__main__":
    for line in run():
        print("  ".join(f"{key}: {value}" for key, value in line.items()))
