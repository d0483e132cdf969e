"""What a call costs at the door: our server beside others that do the same job, in interleaved rounds."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections import defaultdict
from contextlib import ExitStack
from statistics import median
from typing import Any, NamedTuple

from . import servers
from .ground import Ground
from .load import Heard
from .report import Table, measured, say
from .servers import BARE, FLOOR, OURS, PANORAMISK, SAME_JOB, Server

REGULARS = 1_000
"""How many callers take turns where callers repeat."""
CONCURRENCY = 32
"""Calls in flight at saturation."""


class Round(NamedTuple):
    """One server under one load for some seconds."""

    heard: Heard
    """What the callers saw."""
    cpu_us: float
    """Processor time of the server for a call."""
    redis_us: float
    """Processor time of Redis for a call."""
    busy: float
    """Share of its core that the server used."""


def run(ground: Ground) -> list[Table]:
    """All measures of the door."""
    with ExitStack() as running:
        started = [running.enter_context(servers.running(name, ground)) for name in servers.COMMANDS]
        for server in started:
            ground.load.play(server.port, seconds=0.5, concurrency=CONCURRENCY)
        full = saturate(started, ground, "saturation")
        wire = saturate([s for s in started if BARE not in s.name], ground, "as Asterisk writes", asterisk=1)
        regulars = saturate(
            [s for s in started if s.name in (OURS, SAME_JOB, FLOOR)], ground, "repeating", count=REGULARS
        )
        calls = {server.name: system_calls(server, ground) for server in started}
        patient = [s for s in started if BARE not in s.name]
        peaks = {name: median(r.heard.rate for r in rounds) for name, rounds in full.items()}
        at_half = paced(patient, ground, {s.name: peaks[s.name] / 2 for s in patient})
        shared = min(peaks[s.name] for s in patient) / 2
        at_same = paced(patient, ground, {s.name: shared for s in patient})
        memory = {server.name: server.process.rss_mb() for server in started}
    return [
        cost_table("CPU and calls a second, callers drawn at random", full, calls, memory),
        cost_table(f"The same, {REGULARS:,} callers who repeat", regulars, {}, {}),
        cost_table("The same, 22 writes and a reply to every command, as Asterisk does", wire, {}, {}),
        wait_table("Wait of a call at half of each server's own peak", at_half),
        wait_table(f"Wait of a call at {shared:,.0f} calls a second for all", at_same),
        target_table(full, regulars, at_half),
    ]


def saturate(started: list[Server], ground: Ground, what: str, **options: float) -> dict[str, list[Round]]:
    """Closed loop, one server after the other, round after round."""
    rounds: dict[str, list[Round]] = defaultdict(list)
    for turn in range(2 if ground.quick else 5):
        say(f"door: {what}, round {turn + 1}")
        for server in started:
            seconds = 0.7 if ground.quick else 2
            rounds[server.name].append(watch(server, ground, seconds=seconds, concurrency=CONCURRENCY, **options))
    return rounds


def paced(started: list[Server], ground: Ground, rates: dict[str, float]) -> dict[str, list[Round]]:
    """Open loop: calls come by a Poisson schedule of the server's rate, whether or not it keeps up."""
    rounds: dict[str, list[Round]] = defaultdict(list)
    for turn in range(1 if ground.quick else 3):
        say(f"door: calls by schedule, round {turn + 1}")
        for server in started:
            seconds = 1.5 if ground.quick else 4
            rounds[server.name].append(watch(server, ground, seconds=seconds, rate=rates[server.name]))
    return rounds


def watch(server: Server, ground: Ground, **options: float) -> Round:
    """Play calls against a server and see what it and Redis spend on them."""
    spent, spent_redis = server.process.cpu_s(), ground.redis.cpu_s()
    heard = ground.load.play(server.port, expect=server.expected, **options)
    spent, spent_redis = server.process.cpu_s() - spent, ground.redis.cpu_s() - spent_redis
    calls = max(heard.calls, 1)
    return Round(heard, spent / calls * 1e6, spent_redis / calls * 1e6, spent / heard.seconds)


def system_calls(server: Server, ground: Ground) -> float:
    """System calls of the server for a call at saturation, counted by strace; 0 where there is none."""
    if not shutil.which("strace"):
        return 0.0
    say(f"door: system calls of {server.name}")
    counted = ground.directory / "strace"
    watching = ["strace", "-c", "-U", "calls,name", "-f", "-qq", "-o", str(counted), "-p", str(server.process.pid)]
    with subprocess.Popen(watching, stderr=subprocess.DEVNULL) as strace:
        time.sleep(0.5)  # to attach
        heard = ground.load.play(server.port, seconds=5, calls=2_000, concurrency=CONCURRENCY)
        strace.send_signal(signal.SIGINT)
    total = next((line for line in counted.read_text().splitlines() if line.endswith(" total")), "")
    return int(total.split()[0]) / max(heard.calls, 1) if total else 0.0


def middle(rounds: list[Round], figure: str) -> float:
    """Median over the rounds of a figure of the round, or of what the callers saw."""
    return float(median(getattr(r, figure) if hasattr(r, figure) else getattr(r.heard, figure) for r in rounds))


def cost_table(
    title: str, all_rounds: dict[str, list[Round]], calls: dict[str, float], memory: dict[str, float]
) -> Table:
    """What a call costs each server, and how many it serves."""
    floor = middle(all_rounds[FLOOR], "cpu_us")
    rows: list[dict[str, Any]] = []
    for name, rounds in all_rounds.items():
        row = {
            "server": name,
            "CPU us a call": f"{middle(rounds, 'cpu_us'):.0f}",
            "to the floor": f"{middle(rounds, 'cpu_us') / floor:.2f}",
            "Redis us a call": f"{middle(rounds, 'redis_us'):.0f}",
            "calls/s": f"{middle(rounds, 'rate'):,.0f}",
            "server's core busy": f"{middle(rounds, 'busy'):.0%}",
            "calls": f"{sum(r.heard.calls for r in rounds):,}",
            "errors": sum(r.heard.errors for r in rounds),
            "degraded": sum(r.heard.degraded for r in rounds),
            "caller not seen": sum(r.heard.unexpected for r in rounds),
        }
        if calls:
            row["system calls a call"] = f"{calls[name]:.1f}" if calls[name] else "not counted"
        if memory:
            row["RSS MB"] = f"{memory[name]:.0f}"
        rows.append(row)
    return Table(
        title,
        rows,
        "Where the server's core is not busy, the load generator was the limit, and the server woke for every call.",
    )


def wait_table(title: str, all_rounds: dict[str, list[Round]]) -> Table:
    """How long callers waited, from their place in the schedule to the end of the answer."""
    rows = [
        {
            "server": name,
            "calls/s": f"{middle(rounds, 'rate'):,.0f}",
            "CPU us a call": f"{middle(rounds, 'cpu_us'):.0f}",
            "p50 us": f"{middle(rounds, 'p50_us'):,.0f}",
            "p99 us": f"{middle(rounds, 'p99_us'):,.0f}",
            "p99.9 us": f"{middle(rounds, 'p999_us'):,.0f}",
            "longest us": f"{max(r.heard.max_us for r in rounds):,.0f}",
            "errors": sum(r.heard.errors for r in rounds),
        }
        for name, rounds in all_rounds.items()
    ]
    return Table(title, rows)


def target_table(
    full: dict[str, list[Round]], regulars: dict[str, list[Round]], at_half: dict[str, list[Round]]
) -> Table:
    """Our figures against what was asked of them."""
    floor, bare = middle(full[FLOOR], "cpu_us"), middle(full[f"{FLOOR}, {BARE}"], "cpu_us")
    rows = []
    for name, what in ((SAME_JOB, "the same job"), (OURS, "every call registered as well")):
        at_random, repeating = middle(full[name], "cpu_us"), middle(regulars[name], "cpu_us")
        rows += [
            measured(f"CPU a call, random callers, {what}", at_random, "us", at_random / floor, 1.35, "the floor"),
            measured(f"CPU a call, repeating, {what}", repeating, "us", repeating / bare, 1, f"the floor {BARE}"),
        ]
    served = middle(full[OURS], "rate")
    p99 = middle(at_half[OURS], "p99_us")
    best = min(middle(rounds, "p99_us") for name, rounds in at_half.items() if name not in (OURS, SAME_JOB))
    rows += [
        measured("calls/s", served, "", served / middle(full[PANORAMISK], "rate"), 3.5, "panoramisk's", at_least=True),
        measured("p99 at half of the peak", p99, "us", p99 / best, 1, "the best other's"),
    ]
    return Table("Targets of the door", rows)
