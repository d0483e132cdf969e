"""`python -m tests.replay.simulation_agreement [CALLS] [--seed N]`: does the simulation give the waits of the formulas?

CALLS simulated calls (10,000,000) of each queue, in 40 independent replications. Exit code 1 when a figure is more
than 1 % from its formula, or outside the interval that holds the truth 999 times of 1,000.
"""

from __future__ import annotations

import argparse
import sys
from math import inf
from pathlib import Path
from typing import NamedTuple

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

from asterisk_router._native import kernel
from asterisk_router.replay.queue_simulation import RandomClass, Shifts, estimate, random_calls, replicated
from tests.replay.textbook import Expected, cobham, erlang_a, erlang_c

REPLICATIONS = 40
ALLOWED = 0.01
SURE = 0.999
FILLING = 4_000
"""Calls that only fill the queue at the beginning of each replication."""


class Queue(NamedTuple):
    """A queue with a formula."""

    name: str
    classes: tuple[RandomClass, ...]
    agents: int
    expected: tuple[Expected, ...]


QUEUES = (
    Queue("M/M/8, 70 % busy", (RandomClass(112, 180),), 8, (erlang_c(112, 180, 8),)),
    Queue("M/M/1, 50 % busy", (RandomClass(10, 180),), 1, (erlang_c(10, 180, 1),)),
    Queue("M/M/9+M, 111 % asked", (RandomClass(200, 180, patience_s=120),), 9, (erlang_a(200, 180, 9, 120),)),
    Queue("M/M/40+M, 95 % asked", (RandomClass(760, 180, patience_s=90),), 40, (erlang_a(760, 180, 40, 90),)),
    Queue(
        "M/M/8, 70 % busy, first class and second",
        (RandomClass(50, 180, inf), RandomClass(62, 180)), 8, cobham((50, 62), 180, 8),
    ),
)  # fmt: skip


def rows(queue: Queue, calls: int, seed: int) -> list[tuple[str, float, float, float, bool]]:
    """Figure, formula, simulated, half width, within both bounds."""
    each, per_s = calls // REPLICATIONS, sum(one.calls_per_hour for one in queue.classes) / 3600
    days = replicated(
        lambda number: random_calls(queue.classes, each, seed, number), Shifts.always(queue.agents),
        [20.0] * len(queue.classes), REPLICATIONS, counted_from_s=min(FILLING, each // 10) / per_s,
    )  # fmt: skip
    found = []
    for place, expected in enumerate(queue.expected):
        for figure, truth in (
            ("share_that_waits", expected.waits),
            ("mean_wait_s", expected.mean_wait_s),
            ("abandonment", expected.abandoned),
        ):
            if truth:
                is_now = estimate([day[place] for day in days], figure, SURE)
                fits = abs(is_now.mean / truth - 1) <= ALLOWED and is_now.holds(truth)
                named = f"{queue.name}{f' ({place + 1})' if len(queue.classes) > 1 else ''}: {figure}"
                found.append((named, truth, is_now.mean, is_now.half_width, fits))
    return found


def main() -> int:
    """Run the comparison; 0 when every figure agrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", nargs="?", type=int, default=10_000_000, help="how many calls of each queue")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other calls")
    given = parser.parse_args()
    print(f"{given.calls:,} simulated calls of each queue, {kernel('queue_day').__name__.rpartition('.')[2]}")
    agreed = True
    for queue in QUEUES:
        for name, truth, mean, half_width, fits in rows(queue, given.calls, given.seed):
            off = f"{mean / truth - 1:+.2%}"
            print(
                f"{name:<60} {truth:>10.5f} {mean:>10.5f} {off:>7} (+-{half_width / truth:.2%}) {'' if fits else 'NO'}"
            )
            agreed &= fits
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
