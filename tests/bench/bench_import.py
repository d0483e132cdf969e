"""Callers from CSV while calls come in: against `redis-cli --pipe` of a ready file, and what the calls noticed."""

from __future__ import annotations

import csv
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.live.ports import free_port

from . import servers
from .ground import Ground, Redis, made_up_numbers
from .load import Heard, heard
from .machine import cores
from .processes import Process
from .report import Table, measured, say

RATE = 200
"""Calls a second while the import runs: a busy day of a large house."""
MAP = "number=phone,name=who,tag=group,value=turnover,orders=orders"


def run(ground: Ground) -> list[Table]:
    """Fill an empty Redis both ways, with a daemon on it that answers calls."""
    rows = ground.directory / "callers.csv"
    write_csv(rows, ground.callers)
    with Redis(ground.directory, "import") as redis:
        port = free_port()
        log = ground.directory / "import-daemon.log"
        with Process(servers.ours(port, redis), cores()[0], log) as daemon:
            daemon.wait_for(f":{port}")
            ground.load.play(port, seconds=1, rate=RATE)
            say("import: calls with nothing else to do")
            quiet = ground.load.play(port, seconds=3 if ground.quick else 8, rate=RATE)
            say("import: redis-cli --pipe of a ready file")
            pipe_s, piped = during(ground, port, lambda: redis.fill(ground.records))
            redis.ask("FLUSHALL")
            say("import: asterisk-router caller import")
            import_s, imported = during(ground, port, lambda: import_csv(rows, redis))
            stored = int(redis.ask("DBSIZE"))
    if stored < ground.callers:
        raise SystemExit(f"bench: the import stored {stored} of {ground.callers} callers")
    waits = [wait_row("nothing", quiet), wait_row("redis-cli --pipe", piped), wait_row("caller import", imported)]
    return [
        Table(f"Calls at {RATE} a second beside", waits),
        Table(
            f"{ground.callers:,} callers from CSV",
            [
                measured("caller import", import_s, "s", import_s / pipe_s, 3, "redis-cli --pipe"),
                measured("longest wait of a call meanwhile", imported.max_us / 1e3, "ms", None, 5),
                measured("Redis memory per tagged caller", ground.caller_bytes, "bytes", None, 140),
            ],
            f"`redis-cli --pipe` of the ready file took {pipe_s:.2f} s beside the calls, {ground.fill_s:.2f} s alone.",
        ),
    ]


def write_csv(path: Path, count: int) -> None:
    """The file somebody's CRM would export."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("phone", "who", "group", "turnover", "orders"))
        rows.writerows((number, "Jana Nováková", "customer", number[-4:], "3") for number in made_up_numbers(count))


def import_csv(rows: Path, redis: Redis) -> float:
    """Import as a sysadmin would; returns the seconds it took."""
    command = [
        str(servers.ROUTER),
        "caller",
        "import",
        str(rows),
        "--map",
        MAP,
        "--country",
        "SK",
        "--redis",
        redis.url,
    ]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: the import failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.perf_counter() - began


def during(ground: Ground, port: int, work: Callable[[], float]) -> tuple[float, Heard]:
    """Play calls while something works; returns its seconds and what the callers saw until it was done."""
    calls = ground.load.playing(port, seconds=600, rate=RATE)
    try:
        took_s = work()
    finally:
        calls.send_signal(signal.SIGINT)
        out, _ = calls.communicate(timeout=10)
    return took_s, heard(out)


def wait_row(what: str, calls: Heard) -> dict[str, str]:
    """What the callers saw beside something."""
    return {
        "beside": what,
        "calls": f"{calls.calls:,}",
        "p50 us": f"{calls.p50_us:,.0f}",
        "p99 us": f"{calls.p99_us:,.0f}",
        "p99.9 us": f"{calls.p999_us:,.0f}",
        "longest us": f"{calls.max_us:,.0f}",
        "errors": str(calls.errors),
    }
