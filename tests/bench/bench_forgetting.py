"""`python -m tests.bench.bench_forgetting [CALLS]`: a caller taken out of a long stream, and how long others wait."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from asterisk_router.callers.registered_call import BeganCall
from asterisk_router.store.call_eraser import CallEraser
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.wire.call_record import encode
from tests.live.redis_server import RedisServer

CALLS = 100_000
"""Records in the stream, unless told otherwise."""

CALLERS = 1_000
"""Different callers among them."""

FILL = 1_000
"""Records written at once."""


def number(at: int) -> str:
    """A number of a range that is kept for fiction."""
    return f"+44207946{at % CALLERS:04d}"


async def fill(book: RedisBook, calls: int) -> None:
    """A stream of calls as the registry writes them."""
    facts = "open('office')=yes; tag('vip')=yes; value=12000; queue('sales').free=0"
    for start in range(0, calls, FILL):
        records = [
            BeganCall(f"berlin-{at}.1", "", 1.0, number(at), number(0), "vip", "sales", facts=facts)
            for at in range(start, start + FILL)
        ]
        adds = [("XADD", book.keys.calls, f"{start + at + 1}-1", "c", encode(each)) for at, each in enumerate(records)]
        await book.acts.send(adds)


async def measured(url: str, folder: Path, calls: int) -> dict[str, Any]:
    """One caller erased while another process looks callers up."""
    async with await open_book(url, state_dir=folder) as ours, await open_book(url, state_dir=folder) as others:
        await fill(ours, calls)
        waits: list[float] = []

        async def look() -> None:
            while True:
                began_s = time.perf_counter()
                await others.acts.send([("GET", others.keys.caller(number(1)))])
                waits.append(time.perf_counter() - began_s)
                await asyncio.sleep(0.002)

        looking = asyncio.create_task(look())
        began_s = time.perf_counter()
        erased = await CallEraser(ours.acts, ours.keys).erase([number(7)])
        took_s = time.perf_counter() - began_s
        looking.cancel()
        waits.sort()
        return {
            "records": calls,
            "erased": erased,
            "s": round(took_s, 1),
            "look-up meanwhile, median ms": round(waits[len(waits) // 2] * 1e3, 2),
            "99 %": round(waits[len(waits) * 99 // 100] * 1e3, 2),
        }


def run(calls: int = CALLS) -> list[dict[str, Any]]:
    """The rows of the report."""
    server = RedisServer().start()
    try:
        with TemporaryDirectory() as folder:
            return [asyncio.run(measured(server.unix_url, Path(folder), calls))]
    finally:
        server.stop()


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if sys.argv[1:] else CALLS))
