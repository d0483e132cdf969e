"""`python -m tests.bench.bench_simulation`: simulated calls a second of one core, drawn, played and counted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from math import inf
from statistics import median
from typing import Any

from asterisk_router._native import PLAIN_ONLY, kernel
from asterisk_router.replay.queue_simulation import Arrivals, RandomClass, Shifts, play_day, random_calls

from .report import Table, markdown

CALLS = 1_000_000
ROUNDS = 7
"""The median counts, in CPU time."""

PLAIN_CALLS = 40_000

QUEUES = {
    "M/M/8, 70 % busy": ((RandomClass(112, 180),), 8),
    "M/M/9+M, 111 % asked": ((RandomClass(200, 180, patience_s=120),), 9),
    "two classes, head start 90 s, patience": (
        (RandomClass(70, 200, 90, 400), RandomClass(100, 170, 0, 300)), 9
    ),
    "two classes, one always first": ((RandomClass(50, 180, inf), RandomClass(62, 180)), 8),
    "M/M/200+M, 98 % asked": ((RandomClass(3920, 180, patience_s=120),), 200),
}  # fmt: skip


def calls_per_s(work: Callable[[int], Any], calls: int, rounds: int) -> int:
    """Of one core, the median round."""
    taken = []
    for number in range(rounds):
        began = time.process_time()
        work(number)
        taken.append(time.process_time() - began)
    return round(calls / median(taken))


def row(what: str, classes: tuple[RandomClass, ...], agents: int) -> dict[str, Any]:
    """One queue: everything, the play alone, and the plain twin."""
    promised_s, shifts = [20.0] * len(classes), Shifts.always(agents)

    def everything(calls: int) -> Callable[[int], Any]:
        return lambda number: play_day(random_calls(classes, calls, 1, number), shifts, promised_s)

    calls: Arrivals = random_calls(classes, CALLS, 1, 0)
    whole = calls_per_s(everything(CALLS), CALLS, ROUNDS)
    alone = calls_per_s(lambda _: play_day(calls, shifts, promised_s), CALLS, ROUNDS)
    before = os.environ.get(PLAIN_ONLY, "")
    os.environ[PLAIN_ONLY] = "1"
    try:
        plain = calls_per_s(everything(PLAIN_CALLS), PLAIN_CALLS, 3)
    finally:
        os.environ[PLAIN_ONLY] = before
    return {
        "queue": what,
        "calls a second, drawn and played": whole,
        "played alone": alone,
        "plain twin": plain,
        "target": "at least 1,000,000",
        "reached": "yes" if whole >= 1_000_000 else "no",
    }


def run() -> list[dict[str, Any]]:
    """The rows."""
    name = kernel("queue_day").__name__.rpartition(".")[2]
    return [row(f"{what} ({name})", *queue) for what, queue in QUEUES.items()]


if __name__ == "__main__":
    print(markdown(Table("Simulated calls", run())))
