"""The store: microseconds per record and per look-up, bytes per caller, an import against `redis-cli --pipe`.

`python -m tests.bench.bench_store [CALLERS]` prints the rows; `run` gives them to whoever makes the tables.
"""

from __future__ import annotations

import asyncio
import csv
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis.asyncio
import uvloop

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.history import add_call
from asterisk_router.store.connection.resp_wire import pack
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.caller_record import decode, encode
from tests.live.redis_server import RedisServer

Row = dict[str, Any]

LOOK_UPS = 20_000
"""Look-ups in one measured run."""

IN_FLIGHT = 50
"""Look-ups under way at once: a busy PBX."""


def run(callers: int = 200_000) -> list[Row]:
    """Every figure of the store, with `callers` on record."""
    rows = record_rows()
    server = RedisServer(options=("--appendonly", "no")).start()
    try:
        rows += import_rows(server, callers)
        rows += look_up_rows(server, callers)
    finally:
        server.stop()
    return rows


def made_up(count: int) -> Iterator[Caller]:
    """Callers as a shop has them: a name, one tag with author and date, a value, orders."""
    for n in range(count):
        tag = Tag("customer" if n % 7 else "supplier", "crm.csv", created_at_s=1_780_000_000)
        yield Caller((f"+1202{n:07d}",), f"Customer {n}", (tag,), value=n % 5000, orders=n % 9)


def record_rows() -> list[Row]:
    """Cost of one record, without and with a history."""
    plain = next(made_up(1))
    history = plain.history
    for call in range(16):
        history = add_call(history, 1_780_000_000 + 4000 * call, "+12025550150", "missed" if call % 3 else "answered")
    rows = []
    for name, caller in (("one tag", plain), ("one tag and 16 calls", plain._replace(history=history))):
        record = encode(caller)
        rows.append(_row(f"encode, {name}", _us(lambda caller=caller: encode(caller)), "us"))  # type: ignore[misc]
        rows.append(_row(f"decode, {name}", _us(lambda record=record: decode(record, "+12025550100")), "us"))  # type: ignore[misc]
        rows.append(_row(f"record, {name}", len(record), "bytes"))
    return rows


def import_rows(server: RedisServer, callers: int) -> list[Row]:
    """A ready file by `redis-cli --pipe`, then the same callers by `save_many`, from objects and from CSV."""
    keys = RedisKeys()
    with tempfile.NamedTemporaryFile() as ready:
        for caller in made_up(callers):
            ready.write(pack([("SET", keys.caller(caller.numbers[0]), encode(caller))]))
        ready.flush()
        server.command("FLUSHALL")
        began_s = time.perf_counter()
        with open(ready.name, "rb") as source:
            command = ["redis-cli", "-s", str(server.socket), "--pipe"]
            subprocess.run(command, stdin=source, check=True, capture_output=True)
        piped_s = time.perf_counter() - began_s
    server.command("FLUSHALL")
    empty = _used_memory(server)
    text = io.StringIO()
    csv.writer(text).writerows((c.numbers[0], c.name, c.tags[0].name, c.value, c.orders) for c in made_up(callers))
    began_cpu_s = time.process_time()
    saved_s = _timed(server, lambda book: book.save_many(_from_csv(text.getvalue())))
    saved_cpu_s = time.process_time() - began_cpu_s
    bytes_each = (_used_memory(server) - empty) / callers
    again_s = _timed(server, lambda book: book.save_many(_from_csv(text.getvalue())))
    return [
        _row(f"redis-cli --pipe, {callers:,} callers", piped_s, "s"),
        _row(f"save_many from CSV, {callers:,} callers", saved_s, "s", saved_s / piped_s),
        _row("CPU of ours per imported caller", saved_cpu_s / callers * 1e6, "us"),
        _row(f"save_many again, all known, {callers:,} callers", again_s, "s", again_s / piped_s),
        _row("Redis memory per tagged caller", bytes_each, "bytes"),
    ]


def look_up_rows(server: RedisServer, callers: int) -> list[Row]:
    """Look-ups by our connection and by redis-py's asyncio client, callers drawn all over."""
    numbers = [f"+1202{(n * 7919) % callers:07d}" for n in range(LOOK_UPS)]
    ours_s, ours_cpu_s = uvloop.run(_ours(server, numbers))
    theirs_s, theirs_cpu_s = uvloop.run(_redis_py(server, numbers))
    each_us = 1e6 / LOOK_UPS
    return [
        _row("look-ups a second, ours", LOOK_UPS / ours_s, "1/s"),
        _row("look-ups a second, redis-py asyncio", LOOK_UPS / theirs_s, "1/s", ours_s / theirs_s),
        _row("CPU per look-up, ours (decoded)", ours_cpu_s * each_us, "us"),
        _row("CPU per look-up, redis-py asyncio (bytes)", theirs_cpu_s * each_us, "us", theirs_cpu_s / ours_cpu_s),
    ]


async def _ours(server: RedisServer, numbers: list[str]) -> tuple[float, float]:
    async with await open_book(server.unix_url, state_dir=Path()) as book:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        source = iter(numbers)
        left = len(numbers)
        degraded = 0

        def found(caller: Caller, without_store: bool) -> None:
            nonlocal left, degraded
            left -= 1
            degraded += without_store
            number = next(source, None)
            if number is not None and without_store:
                loop.call_soon(book.find, number, found)  # told at once: a call inside a call would never end
            elif number is not None:
                book.find(number, found)
            elif not left:
                done.set_result(None)

        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        for _ in range(IN_FLIGHT):
            book.find(next(source), found)
        await done
        took = time.perf_counter() - began_s, time.process_time() - began_cpu_s
        if degraded:
            print(f"{degraded} look-ups were degraded", file=sys.stderr)
        return took


async def _redis_py(server: RedisServer, numbers: list[str]) -> tuple[float, float]:
    client = redis.asyncio.Redis(unix_socket_path=str(server.socket))
    keys = RedisKeys()
    source = iter(numbers)

    async def worker() -> None:
        for number in source:
            await client.get(keys.caller(number))

    await client.ping()
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    took = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    await client.aclose()
    return took


def _from_csv(text: str) -> Iterator[Caller]:
    for number, name, tag, value, orders in csv.reader(io.StringIO(text)):
        yield Caller((number,), name, (Tag(tag, "crm.csv", created_at_s=1_780_000_000),), int(value), int(orders))


def _timed(server: RedisServer, act: Callable[[RedisBook], Any]) -> float:
    async def play() -> float:
        async with await open_book(server.unix_url, state_dir=Path()) as book:
            began_s = time.perf_counter()
            await act(book)
            return time.perf_counter() - began_s

    return uvloop.run(play())


def _used_memory(server: RedisServer) -> int:
    lines = server.command("INFO", "memory").decode().splitlines()
    return int(next(line.partition(":")[2] for line in lines if line.startswith("used_memory:")))


def _us(act: Callable[[], object], rounds: int = 20_000) -> float:
    best_s = float("inf")
    for _ in range(5):
        began_s = time.process_time()  # of ours alone: others may be on this core
        for _ in range(rounds // 5):
            act()
        best_s = min(best_s, time.process_time() - began_s)
    return best_s / (rounds // 5) * 1e6


def _row(what: str, figure: float, unit: str, ratio: float | None = None) -> Row:
    return {"what": what, "figure": round(figure, 3), "unit": unit, "ratio": ratio and round(ratio, 2)}


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:2])):
        print(f"{row['what']:56} {row['figure']:>14,} {row['unit']:6} {row['ratio'] or ''}")
