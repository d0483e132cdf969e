"""`asterisk-router simulate --log`: the past of a queue, played again under another policy."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import call_log, options, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...replay.queue_simulation import Shifts
    from ..past.log_reader import PastLog
    from ..past.past_queue import PastQueue
    from ..past.simulations import ClassEstimate


class Asked(NamedTuple):
    """The command line."""

    policy: str
    """The policy that is tried."""
    against: str
    """Another one that is tried in its place; empty for none."""
    queue: str
    """The queue; empty where the log is of one."""
    agents: int | None
    """As many agents all the time; None where not said."""
    shifts: Sequence[str]
    """Agents by shift; none where not said."""
    seed: int
    """Of the chances."""
    replications: int
    """How often the past is drawn."""


class Told(NamedTuple):
    """What there is to tell."""

    past: PastQueue
    """The queue."""
    log: PastLog
    """Its log, read."""
    names: tuple[str, str]
    """What decides, and what decides in its place."""
    sides: tuple[list[ClassEstimate], list[ClassEstimate]]
    """The estimates under each."""
    changed: list[ClassEstimate]
    """What changes."""
    assumed: Sequence[str]
    """What it rests on."""


def simulate_log(place: call_log.LogPlace, asked: Asked, as_json: bool) -> None:
    """Play the past of the log under the policies, and print what became of each class."""
    with ExitStack() as opened:
        told = _simulated(place, asked, opened, as_json)
    if as_json:
        tables.print_json(_plain(place, asked, told))
        return
    _print(place, asked, told)


def weekly_shift(written: str) -> tuple[tuple[tuple[int, int], ...], int]:
    """Hours and agents of `mon-fri 08:00-16:00=5`; raises BadParameter."""
    from ...policy.schedules import hours_of

    hours, _, agents = written.rpartition("=")
    spans = hours_of(hours)
    if spans is None or not agents.isdecimal() or int(agents) > 10_000:
        raise click.BadParameter(
            f"{written!r} is no shift: write 'mon-fri 08:00-16:00=5', or always=2", param_hint="--shift"
        )
    return tuple(spans), int(agents)


def _simulated(place: call_log.LogPlace, asked: Asked, opened: ExitStack, as_json: bool) -> Told:
    from ..past.past_queue import ASSUMED, GIVEN, IN_THE_LOG, INFERRED, PastQueue, changed, estimated

    policies = [options.ports().load_policy(name) for name in (asked.policy, asked.against) if name]
    log = place.past(opened, (), policies[0].timezone, as_json)
    if asked.agents is None and not asked.shifts:
        log.needs("agent", for_what="simulate --log without --agents and --shift")
    past = PastQueue(log, policies, asked.queue)
    shifts = _shifts(past, log, asked)
    orders = (0, 1) if asked.against else (-1, 0)
    names = (asked.policy, asked.against) if asked.against else (IN_THE_LOG, asked.policy)
    done = opened.enter_context(call_log.progress(2 * asked.replications, "playing", as_json))
    days = []
    for first, order in zip((0, asked.replications), orders, strict=True):
        days.append(past.played(order, shifts, asked.seed, asked.replications, partial(_told, done, first)))
    before, after = (estimated(past, order, played) for order, played in zip(orders, days, strict=True))
    assumed = [*ASSUMED, GIVEN if asked.agents is not None or asked.shifts else INFERRED]
    return Told(past, log, names, (before, after), changed(past, orders[1], *days), assumed)


def _told(done: Callable[[int], None], first: int, count: int) -> None:
    done(first + count)


def _shifts(past: PastQueue, log: PastLog, asked: Asked) -> Shifts:
    from ...replay.agent_shifts import WeeklyShift, laid_out
    from ...replay.queue_simulation import Shifts

    if asked.agents is not None:
        return Shifts.always(asked.agents)
    if asked.shifts:
        weekly = [WeeklyShift(*weekly_shift(each)) for each in asked.shifts]
        return laid_out(weekly, log.clock.timezone, log.first_at_s, log.last_at_s)
    return past.shifts


def _print(place: call_log.LogPlace, asked: Asked, told: Told) -> None:
    from ..past.past_queue import as_it_was
    from .simulate import HEADERS, print_estimates

    past, log = told.past, told.log
    call_log.tell_dirty(log.dirty, log.first_dirty)
    order = 1 if asked.against else 0
    tables.print_facts(
        [
            ("Log", place.name), ("Calls", past.calls), ("Dirty lines", log.dirty or ""),
            *call_log.left_out({**log.skipped, **past.left_out}),
            (f"Sent elsewhere by {told.names[1]}", past.sent_elsewhere(order) or ""),
            (f"Brought in by {told.names[1]}", past.brought_in(order) or ""),
        ]
    )  # fmt: skip
    click.echo("\nAs it was")
    rows = [
        (name, calls, f"{promised_s:g} s", f"{waits:.1f} %", f"{mean_s:.1f} s", f"{in_time:.1f} %", f"{gone:.1f} %")
        for name, calls, promised_s, waits, mean_s, in_time, gone in as_it_was(past)
    ]
    tables.print_table((HEADERS[0], "Calls", *HEADERS[2:]), rows, "class", "classes")
    for name, side in zip(told.names, told.sides, strict=True):
        click.echo(f"\nSimulated with {name}")
        print_estimates(side)
    click.echo(f"\nChange with {told.names[1]}")
    print_estimates(told.changed, "+")
    click.echo(f"\nAn estimate: the log drawn {asked.replications} times, seed {asked.seed}, 95 % intervals. Assumed:")
    for line in told.assumed:
        click.echo(click.wrap_text(line, 110, "- ", "  "))


def _plain(place: call_log.LogPlace, asked: Asked, told: Told) -> dict[str, Any]:
    from ..past.past_queue import as_it_was
    from .simulate import plain_estimate

    order = 1 if asked.against else 0
    names = ("class", "calls", "promised_wait_s", "share_that_waits", "mean_wait_s", "service_level", "abandonment")
    shares = [(*row[:3], row[3] / 100, row[4], row[5] / 100, row[6] / 100) for row in as_it_was(told.past)]
    return {
        "log": place.name, "calls": told.past.calls, "lines": told.log.lines, "dirty": told.log.dirty,
        "first_dirty": [line._asdict() for line in told.log.first_dirty],
        "skipped": {**told.log.skipped, **told.past.left_out}, "before": told.names[0], "after": told.names[1],
        "sent_elsewhere": told.past.sent_elsewhere(order), "brought_in": told.past.brought_in(order),
        "seed": asked.seed, "replications": asked.replications, "confidence": 0.95, "assumed": told.assumed,
        "as_it_was": [dict(zip(names, row, strict=True)) for row in shares],
        "classes_before": list(map(plain_estimate, told.sides[0])),
        "classes_after": list(map(plain_estimate, told.sides[1])), "changes": list(map(plain_estimate, told.changed)),
    }  # fmt: skip
