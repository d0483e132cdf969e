"""More calls than one process can serve: how many it serves all the same, and how soon the others know."""

from __future__ import annotations

from typing import NamedTuple

from . import servers
from .ground import Ground
from .load import Heard
from .report import Table, measured, say
from .servers import Server

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


FORMS = {servers.OURS: TIMES, servers.WORKERS: TIMES[-1:], servers.HANDED_OVER: TIMES[-1:]}
"""The ways in which a daemon has its sockets, and the rates offered to each."""


def run(ground: Ground) -> list[Table]:
    """For each form its peak, and what is left of it under each offered rate."""
    rows, targets, aim = [], [], (SERVED, "the peak", True)
    for form, times in FORMS.items():
        peak, under = measures(form, times, ground)
        rows += [row(form, each, peak, under[each]) for each in times]
        most = under[times[-1]]
        rate, a_cpu_s = most.heard.rate, most.a_cpu_s
        known_us, sure_us = most.heard.turned_p99_us, most.heard.sure_p99_us
        of = "" if form == servers.OURS else f"{form}: "
        targets += [
            measured(f"{of}calls/s under 10 times the peak", rate, "", rate / peak.heard.rate, *aim),
            measured(f"{of}the same a second of its CPU", a_cpu_s, "", a_cpu_s / peak.a_cpu_s, *aim),
            measured(f"{of}99 % of the others know after", known_us, "us", None, KNOWN_US),
            measured(f"{of}of that surely not the generator's delay", sure_us, "us", None, KNOWN_US),
        ]
    note = (
        "Calls a second. Late: two seconds without a word, or no room in the generator. Where fewer rang than were "
        "offered the generator was kept from its core, and that is in the waits of those served: they count from when "
        "a call was due. Surely: until the last look of the generator that did not yet find the call turned away."
    )
    return [Table("Overload", rows, note), Table("Targets under overload", targets)]


def measures(form: str, times: tuple[int, ...], ground: Ground) -> tuple[Offered, dict[int, Offered]]:
    """The peak of one form, and what it does under each multiple of it."""
    with servers.running(form, ground) as server:
        ground.load.play(server.port, seconds=0.5, concurrency=CONCURRENCY)
        under: dict[int, list[Offered]] = {each: [] for each in times}
        peaks: list[Offered] = []
        for number in range(ROUNDS):  # in turns: what else the machine does meets all of them
            say(f"overload, {form}: round {number + 1} of {ROUNDS}")
            peaks.append(offered(server, ground, concurrency=CONCURRENCY))
            for each in times:
                under[each].append(offered(server, ground, rate=each * median(peaks).heard.rate))
    return median(peaks), {each: median(rounds) for each, rounds in under.items()}


def median(rounds: list[Offered]) -> Offered:
    """The round of the middle by the rate of calls served."""
    return sorted(rounds, key=lambda one: one.heard.rate)[len(rounds) // 2]


def offered(server: Server, ground: Ground, **options: float) -> Offered:
    """Play calls, and see what the server spends on those it serves."""
    spent_s = server.process.cpu_s()
    heard = ground.load.play(server.port, seconds=1.0 if ground.quick else 3.0, **options)
    return Offered(heard, heard.calls / (server.process.cpu_s() - spent_s))


def row(form: str, times: int, peak: Offered, under: Offered) -> dict[str, str]:
    """One offered rate."""
    heard = under.heard
    return {
        "form": form,
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
        "max, us": f"{heard.turned_max_us:,.0f}",
        "surely: p99, us": f"{heard.sure_p99_us:,.0f}",
        "max,  us": f"{heard.sure_max_us:,.0f}",
        "late": f"{heard.late:,}",
        "generator's core busy": f"{heard.own_busy:.0%}",
    }
