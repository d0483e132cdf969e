"""`asterisk-router simulate`: what callers of each class would wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options, tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...replay.intervals import Interval
    from ..simulations import ClassEstimate

HEADERS = ("Class", "Head start", "Promised", "Has to wait", "Mean wait", "Answered in time", "Hangs up")


@click.command()
@options.needed_policy
@click.option(
    "--calls", "calls", multiple=True, required=True, metavar="CLASS=N", help="Calls an hour of a class; repeat it."
)
@click.option("--agents", type=click.IntRange(1, 10_000), required=True, help="Agents who answer this queue.")
@click.option(
    "--handling",
    multiple=True,
    required=True,
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
    help="Independent runs of 20,000 calls; four times as many halve the intervals.",
)
@options.as_json
def simulate(
    policy: str,
    calls: tuple[str, ...],
    agents: int,
    handling: tuple[str, ...],
    patience: tuple[str, ...],
    against: str,
    seed: int,
    replications: int,
    as_json: bool,
) -> None:
    """Estimate what callers of each class would wait in a queue under a policy's head starts.

    Prints, with 95 % intervals, how many have to wait, the mean wait of all, how many are answered within the class's
    promised wait (20 s where none is promised) and how many hang up; then what was assumed. The same seed gives the
    same figures, and both policies of --against meet the same calls. Exit code 1 for a class the policy does not have,
    and for a queue that would grow for ever.

    \b
    Examples:
      asterisk-router simulate --policy shop --calls customer-vip=20 --calls prospect-new=100 --agents 7 --handling 3m
      asterisk-router simulate --policy shop --calls customer-vip=20 --calls prospect-new=140 --agents 8 \\
          --handling 3m --handling customer-vip=5m --patience 2m --against new.toml --json
    """  # fmt: skip
    from .. import simulations

    asked = simulations.asked(calls, handling, patience)
    load_policy = options.ports().load_policy
    loaded = load_policy(policy)
    days = simulations.simulated(loaded, asked, agents, seed, replications)
    shown = simulations.estimates(loaded, asked, days)
    changed: list[ClassEstimate] = []
    if against:
        other = load_policy(against)
        changed = simulations.changes(
            other, asked, days, simulations.simulated(other, asked, agents, seed, replications)
        )
    if as_json:
        tables.print_json(
            {
                "policy": loaded.version, "agents": agents, "seed": seed, "replications": replications,
                "calls_each": simulations.CALLS, "confidence": 0.95, "assumed": simulations.ASSUMED,
                "classes": list(map(_plain, shown)), "against": against, "changes": list(map(_plain, changed)),
            }
        )  # fmt: skip
        return
    _print(shown, changed, against, f"{replications} runs of {simulations.CALLS:,} calls, seed {seed}, 95 % intervals")
    for line in simulations.ASSUMED:
        click.echo(f"- {line}")


def _print(shown: Sequence[ClassEstimate], changed: Sequence[ClassEstimate], against: str, estimated: str) -> None:
    tables.print_table(HEADERS, [_row(each, "") for each in shown], "class", "classes")
    if changed:
        click.echo(f"\nChange with {against}")
        tables.print_table(HEADERS, [_row(each, "+") for each in changed], "class", "classes")
    click.echo(f"\nAn estimate: {estimated}. Assumed:")


def _row(one: ClassEstimate, sign: str) -> Sequence[object]:
    waits, wait, in_time, gone = one.figures.values()
    spans = (f"{one.head_start_s:g} s", f"{one.promised_wait_s:g} s")
    return (one.name, *spans, _share(waits, sign), _seconds(wait, sign), _share(in_time, sign), _share(gone, sign))


def _share(found: Interval, sign: str) -> str:
    return f"{100 * found.mean:{sign}.1f} +- {100 * found.half_width:.1f} %"


def _seconds(found: Interval, sign: str) -> str:
    return f"{found.mean:{sign}.1f} +- {found.half_width:.1f} s"


def _plain(one: ClassEstimate) -> dict[str, Any]:
    figures = {name: {"mean": each.mean, "low": each.low, "high": each.high} for name, each in one.figures.items()}
    return {"class": one.name, "head_start_s": one.head_start_s, "promised_wait_s": one.promised_wait_s, **figures}
