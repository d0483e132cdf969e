"""`asterisk-router simulate`: what callers of each class would wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import call_log, options, tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...replay.intervals import Interval
    from ..past.simulations import ClassEstimate

HEADERS = ("Class", "Head start", "Promised", "Has to wait", "Mean wait", "Answered in time", "Hangs up")


@click.command()
@options.needed_policy
@click.option(
    "--calls", "calls", multiple=True, metavar="CLASS=N", help="Calls an hour of a class; repeat it. Or --log."
)
@call_log.log_option
@click.option("--queue", metavar="NAME", default="", help="The queue of the log, where it has several.")
@click.option("--agents", type=click.IntRange(1, 10_000), help="Agents who answer this queue, all the time.")
@click.option(
    "--shift",
    "shifts",
    multiple=True,
    metavar="SHIFT",
    help="With --log: agents of a shift, 'mon-fri 08:00-16:00=5'; repeat it. Without it and --agents as in the log.",
)
@click.option(
    "--handling",
    multiple=True,
    metavar="[CLASS=]SPAN",
    help="Mean time a call takes an agent, wrap-up included: 3m, or vip=5m.",
)
@click.option(
    "--patience",
    multiple=True,
    metavar="[CLASS=]SPAN",
    help="Mean time after which callers hang up; never where not said.",
)
@click.option(
    "--against", metavar="FILE|NAME", default="", help="Another policy: how figures change if it decides instead."
)
@click.option("--seed", type=click.IntRange(0, 2**63), default=1, show_default=True, help="Another seed, other calls.")
@click.option(
    "--replications",
    type=click.IntRange(2, 10_000),
    default=40,
    show_default=True,
    help="Independent runs of 20,000 calls, or of the log; four times as many halve the intervals.",
)
@options.as_json
def simulate(log: call_log.LogPlace | None, as_json: bool, **given: Any) -> None:
    """Estimate what callers of each class would wait in a queue under a policy's head starts.

    Prints, with 95 % intervals, how many have to wait, the mean wait of all, how many are answered within the class's
    promised wait (20 s where none is promised) and how many hang up; then what was assumed. The same seed gives the
    same figures, and both policies of --against meet the same calls.

    With --log the calls are those of the past, and the policy's decisions for each: its head starts, and who goes
    elsewhere. It is compared with the order that the log itself shows, or with --against. Exit code 1 for a class the
    policy does not have, and for a queue that would grow for ever.

    \b
    Examples:
      asterisk-router simulate --policy shop --calls customer-vip=20 --calls prospect-new=100 --agents 7 --handling 3m
      asterisk-router simulate --policy shop --calls customer-vip=20 --calls prospect-new=140 --agents 8 \\
          --handling 3m --handling customer-vip=5m --patience 2m --against new.toml --json
      asterisk-router simulate --log queue_log --map queue-log --queue sales --policy new.toml
      asterisk-router simulate --log queue_log --map queue-log --queue sales --policy new.toml --against old.toml \\
          --shift 'mon-fri 08:00-16:00=5' --shift 'mon-fri 10:00-14:00=2'
    """  # fmt: skip
    described, agents = given["calls"] or given["handling"] or given["patience"], given["agents"] is not None
    if log is None:
        if not given["calls"] or not given["handling"] or not agents or given["shifts"] or given["queue"]:
            raise click.UsageError("describe the queue by --calls, --handling and --agents, or name its past: --log")
        _simulate_described(given, as_json)
        return
    from .simulate_log import Asked, simulate_log

    if described:
        raise click.UsageError("calls, time with an agent and patience are those of the log")
    if agents and given["shifts"]:
        raise click.UsageError("--agents or --shift, not both")
    simulate_log(log, Asked(*map(given.__getitem__, Asked._fields)), as_json)


def _simulate_described(given: Mapping[str, Any], as_json: bool) -> None:
    from ..past import simulations

    asked = simulations.asked(given["calls"], given["handling"], given["patience"])
    agents, against, seed, replications = map(given.__getitem__, ("agents", "against", "seed", "replications"))
    loaded = options.ports().load_policy(given["policy"])
    days = simulations.simulated(loaded, asked, agents, seed, replications)
    shown = simulations.estimates(loaded, asked, days)
    changed: list[ClassEstimate] = []
    if against:
        other = options.ports().load_policy(against)
        instead = simulations.simulated(other, asked, agents, seed, replications)
        changed = simulations.changes(other, asked, days, instead)
    if as_json:
        tables.print_json(
            {
                "policy": loaded.version, "agents": agents, "seed": seed, "replications": replications,
                "calls_each": simulations.CALLS, "confidence": 0.95, "assumed": simulations.ASSUMED,
                "classes": list(map(plain_estimate, shown)), "against": against,
                "changes": list(map(plain_estimate, changed)),
            }
        )  # fmt: skip
        return
    _print(shown, changed, against, f"{replications} runs of {simulations.CALLS:,} calls, seed {seed}, 95 % intervals")
    for line in simulations.ASSUMED:
        click.echo(f"- {line}")


def _print(shown: Sequence[ClassEstimate], changed: Sequence[ClassEstimate], against: str, estimated: str) -> None:
    print_estimates(shown)
    if changed:
        click.echo(f"\nChange with {against}")
        print_estimates(changed, "+")
    click.echo(f"\nAn estimate: {estimated}. Assumed:")


def print_estimates(shown: Sequence[ClassEstimate], sign: str = "") -> None:
    """A table of the classes; with the sign `+` of what changes."""
    tables.print_table(HEADERS, [_row(each, sign) for each in shown], "class", "classes")


def _row(one: ClassEstimate, sign: str) -> Sequence[object]:
    spans = (f"{one.head_start_s:.4g} s", f"{one.promised_wait_s:g} s")
    waits, wait, in_time, gone = map(
        one.figures.get, ("share_that_waits", "mean_wait_s", "service_level", "abandonment")
    )
    return (one.name, *spans, _share(waits, sign), _seconds(wait, sign), _share(in_time, sign), _share(gone, sign))


def _share(found: Interval | None, sign: str) -> str:
    return f"{100 * found.mean:{sign}.1f} +- {100 * found.half_width:.1f} %" if found else "-"


def _seconds(found: Interval | None, sign: str) -> str:
    return f"{found.mean:{sign}.1f} +- {found.half_width:.1f} s" if found else "-"


def plain_estimate(one: ClassEstimate) -> dict[str, Any]:
    """A class, for JSON."""
    figures = {name: {"mean": each.mean, "low": each.low, "high": each.high} for name, each in one.figures.items()}
    return {"class": one.name, "head_start_s": one.head_start_s, "promised_wait_s": one.promised_wait_s, **figures}
