"""What the registry says afterwards, beside what callers know of their own calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap
from asterisk_router.store.call_stream import CallStream
from asterisk_router.store.open_book import open_book

PATIENCE_S = 30.0
"""How long a registry may take to be up to date after the last call."""


class Registered(NamedTuple):
    """Everything in the registry."""

    began: Counter[str]
    """How many beginnings of each call."""
    ended: Counter[str]
    """How many ends of each call."""
    outcomes: dict[str, str]
    """How each call ended."""
    gaps: list[Gap]
    """What is known to be missing."""
    calls_of: Counter[str]
    """How many calls each history counts, by number: they come into it a moment after the records of the call."""


def registered(redis_url: str, state_dir: Path) -> Registered:
    """Read it all."""
    return asyncio.run(_registered(redis_url, state_dir))


async def _registered(redis_url: str, state_dir: Path) -> Registered:
    async with await open_book(redis_url, state_dir=state_dir, stays=False) as book:
        stream = CallStream(book.acts, book.keys)
        records, position, further = [], "", "0"
        while position != further:
            position = further
            more, further = await stream.after(position)
            records += more
        histories = Counter({caller.numbers[0]: caller.history.calls async for caller in book.callers()})
    ends = [record for record in records if isinstance(record, EndedCall)]
    return Registered(
        Counter(record.uniqueid for record in records if isinstance(record, BeganCall)),
        Counter(record.uniqueid for record in ends),
        {record.uniqueid: record.outcome for record in ends},
        [record for record in records if isinstance(record, Gap)],
        histories,
    )


def when(read: Callable[[], Registered], true: Callable[[Registered], bool]) -> Registered:
    """The registry as soon as it is so, or as it is when that never comes."""
    until_s = time.monotonic() + PATIENCE_S
    found = read()
    while not true(found) and time.monotonic() < until_s:
        time.sleep(0.3)
        found = read()
    return found
