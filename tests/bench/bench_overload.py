"""More calls than one process can serve: how many it serves all the same, and how soon the others know."""

from __future__ import annotations

from typing import NamedTuple

from . import servers
from .ground import Ground
from .load import Heard
from .report import Table, measured, say
from .servers import OURS, Server

CONCURRENCY = 32
"""Calls in flight at the peak, as in the measures of the door."""

ROUNDS = 3
"""How often each rate is offered; the round of the middle counts."""

TIMES = (1, 2, 5, 10)
"""Offered rates, as multiples of the peak."""

SERVED, KNOWN_US = 0.8, 10_000.0
"""What is aimed at: the share of the peak that is served, and when the others have their default."""


class Offered(NamedTuple):
    """One rate of calls for some seconds."""

    heard: Heard
    """What the callers saw."""
    a_cpu_s: float
    """Calls served for a second of the server's processor time: others on the machine take nothing from that."""


def run(ground: Ground) -> list[Table]:
    """The peak, and what is left of it under each offered rate."""
    with servers.running(OURS, ground) as server:
        ground.load.play(server.port, seconds=0.5, concurrency=CONCURRENCY)
        under: dict[int, list[Offered]] = {times: [] for times in TIMES}
        peaks: list[Offered] = []
        for each in range(ROUNDS):  # in turns: what else the machine does meets all of them
            say(f"overload: round {each + 1} of {ROUNDS}")
            peaks.append(offered(server, ground, concurrency=CONCURRENCY))
            for times in TIMES:
                under[times].append(offered(server, ground, rate=times * median(peaks).heard.rate))
    peak = median(peaks)
    most = median(under[TIMES[-1]])
    rate, a_cpu_s, known_us = most.heard.rate, most.a_cpu_s, most.heard.turned_p99_us
    targets = [
        measured("calls/s under 10 times the peak", rate, "", rate / peak.heard.rate, SERVED, "the peak", True),
        measured("the same a second of its CPU", a_cpu_s, "", a_cpu_s / peak.a_cpu_s, SERVED, "the peak", True),
        measured("99 % of the others know after", known_us, "us", None, KNOWN_US),
    ]  # fmt: skip
    note = (
        "Calls a second. Late: two seconds without a word, or no room in the generator. Where fewer rang than were "
        "offered the generator was kept from its core, and that is in the waits of those served: they count from when "
        "a call was due."
    )
    rows = [row(times, peak, median(under[times])) for times in TIMES]
    return [Table("Overload of one process", rows, note), Table("Targets under overload", targets)]


def median(rounds: list[Offered]) -> Offered:
    """The round of the middle by the rate of calls served."""
    return sorted(rounds, key=lambda one: one.heard.rate)[len(rounds) // 2]


def offered(server: Server, ground: Ground, **options: float) -> Offered:
    """Play calls, and see what the server spends on those it serves."""
    spent_s = server.process.cpu_s()
    heard = ground.load.play(server.port, seconds=1.0 if ground.quick else 3.0, **options)
    return Offered(heard, heard.calls / (server.process.cpu_s() - spent_s))


def row(times: int, peak: Offered, under: Offered) -> dict[str, str]:
    """One offered rate."""
    heard = under.heard
    return {
        "offered": f"{times} x {peak.heard.rate:,.0f}",
        "rang": f"{(heard.calls + heard.errors) / heard.seconds:,.0f}",
        "served": f"{heard.rate:,.0f}",
        "of the peak": f"{heard.rate / peak.heard.rate:.0%}",
        "a CPU second, of the peak": f"{under.a_cpu_s / peak.a_cpu_s:.0%}",
        "p50 us": f"{heard.p50_us:,.0f}",
        "p99 us": f"{heard.p99_us:,.0f}",
        "turned away": f"{heard.errors - heard.late:,}",
        "know after, p50 us": f"{heard.turned_p50_us:,.0f}",
        "p99, us": f"{heard.turned_p99_us:,.0f}",
        "late": f"{heard.late:,}",
        "generator's core busy": f"{heard.own_busy:.0%}",
    }
