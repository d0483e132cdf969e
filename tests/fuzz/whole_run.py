"""A million environments over all cores, each drawn from a seed, a hand and a place so that it can be drawn again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import lru_cache
from itertools import islice
from random import Random

from tests.fuzz.environments import Judge, Verdict, environments
from tests.fuzz.row import Came, Row, Wishes

HAND = 2_500
"""Environments read by a process at once."""
SHOWN = 10
"""Most faults told; the rest are counted."""


def all_environments(wished: Wishes, came: Came) -> Iterator[Row]:
    """So many, on every core."""
    began_s, verdicts, stopped = time.monotonic(), dict[int, Verdict](), False
    hands = range(-(-wished.count // HAND))
    came("environments", 0, wished.count)
    with ProcessPoolExecutor(os.cpu_count(), initializer=_deaf) as cores:
        waiting: dict[Future[Verdict], int] = {}
        try:
            for hand in hands:
                waiting[cores.submit(judged, wished.seed, hand, min(HAND, wished.count - hand * HAND))] = hand
            for done in as_completed(waiting):
                verdicts[waiting[done]] = done.result()
                came("environments", sum(each.read + each.parts for each in verdicts.values()), wished.count)
        except KeyboardInterrupt:
            stopped = True
            cores.shutdown(cancel_futures=True)
            verdicts |= {hand: each.result() for each, hand in waiting.items() if each.done() and not each.cancelled()}
    yield _row(wished, verdicts, time.monotonic() - began_s, stopped)


def judged(seed: int, hand: int, count: int) -> Verdict:
    """One hand, in a process of its own."""
    return _judge().of(drawn(seed, hand, count))


def drawn(seed: int, hand: int, count: int) -> Iterator[bytes]:
    """The environments of one hand."""
    return environments(count, Random(f"{seed}/{hand}"))


def again(which: str) -> tuple[str, bool]:
    """Draw and judge one environment anew, named `SEED/HAND/PLACE`: what is to be seen of it, and whether it is borne.

    Raises ValueError when it is not named so.
    """
    seed, hand, place = (int(part) for part in which.split("/"))
    block = next(islice(drawn(seed, hand, place + 1), place, None))
    judge = Judge()
    faults = judge.of(iter([block])).faults
    said = "\n".join(fault.wrong for fault in faults) or "borne"
    return f"{block!r}\n\n{judge.told(block)}\n\n{said}", not faults


@lru_cache(maxsize=1)
def _judge() -> Judge:
    return Judge()


def _deaf() -> None:
    """A terminal interrupts everybody; who hands out the work decides when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _row(wished: Wishes, verdicts: dict[int, Verdict], took_s: float, stopped: bool) -> Row:
    faults = [(hand, fault) for hand in sorted(verdicts) for fault in verdicts[hand].faults]
    found = [
        f"{fault.wrong}\n  {fault.block!r}\n"
        f"  again: python -m tests.fuzz environments --again {wished.seed}/{hand}/{fault.place}"
        for hand, fault in faults[:SHOWN]
    ]
    found += ["and so on"] * (len(faults) - SHOWN)
    read, parts, tainted, known, certain = (sum(each[at] for each in verdicts.values()) for at in range(5))
    said = (
        f"{tainted:,} not believed, {parts:,} cut off, {known:,} of somebody on record,"
        f" {certain:,} with one right decision, {len(faults):,} faults"
    )
    return Row(
        "environments", "decided by default or as they should be", read + parts, said, took_s, found, "", stopped
    )
