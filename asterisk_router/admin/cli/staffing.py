"""`asterisk-router staffing`: how many agents the coming week takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import call_log, options, tables

if TYPE_CHECKING:
    from typing import TextIO

    from ...replay.erlang import Goal
    from ..past.staffing import StaffingPlan


def _span(context: click.Context, option: click.Parameter, written: str | None) -> float | None:
    """Seconds of `20s`, `3m`, `1m30s`."""
    from ...policy.file.words import seconds_of

    if written is None:
        return None
    seconds = seconds_of(written)
    if seconds is None:
        raise click.BadParameter(f"{written!r} is no span of time: write 20s, 3m or 1m30s", context, option)
    return float(seconds)


def _share(context: click.Context, option: click.Parameter, written: str | None) -> float | None:
    """`80%` or `0.8` as a number from 0, below 1."""
    if written is None:
        return None
    try:
        share = float(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise click.BadParameter(f"{written!r} is no share below 100 %: write 80% or 0.8", context, option)
    return share


@click.command()
@call_log.log
@call_log.queues
@click.option("--answer-within", callback=_span, metavar="SPAN", help="The span for --share.  [default: 20s]")
@click.option("--share", callback=_share, metavar="SHARE", help="Callers answered in that span.  [default: 80%]")
@click.option("--mean-wait", callback=_span, metavar="SPAN", help="Longest mean wait of one who never gives up.")
@click.option("--abandon", callback=_share, metavar="SHARE", help="Most callers who may give up.")
@click.option("--patience", callback=_span, metavar="SPAN", default="0s", help="Mean patience, if not as in the log.")
@click.option("--wrap-up", callback=_span, metavar="SPAN", default="0s", help="What an agent needs after each call.")
@click.option("--weeks", type=click.IntRange(1, 104), default=8, show_default=True, help="How far back to look.")
@click.option("--csv", "to_csv", type=click.File("w", encoding="utf-8", lazy=True), help="Write all quarter hours.")
@click.option("--svg", "to_svg", type=click.File("w", encoding="utf-8", lazy=True), help="Write a picture of the week.")
@click.option("--bars", is_flag=True, help="Draw each day by quarter hours.")
@options.as_json
def staffing(log: call_log.LogPlace, queues: tuple[str, ...], as_json: bool, bars: bool, **given: Any) -> None:
    """Plan agents for the coming week from a log of past calls.

    FILE is a log with a line for each call, or Asterisk's queue_log, read by a map of its columns as `asterisk-router
    backtest` reads it; the map has to tell talk_s. Lines that cannot be read are reported and left out; the exit code
    is 1 if no call was read.

    Agents are given twice: by Erlang C, in which every caller waits for ever, and by Erlang A, in which callers give up
    as they did. A caller who gives up was not answered in time.

    \b
    Examples:
      asterisk-router staffing /var/log/asterisk/queue_log --map queue-log --timezone Europe/London --queue sales
      asterisk-router staffing calls.csv --map calls-map.toml --answer-within 15s --share 90% --wrap-up 20s \\
          --csv week.csv --svg week.svg
      asterisk-router staffing Master.csv --map asterisk-cdr --mean-wait 30s --bars
      asterisk-router staffing --registry --timezone Europe/London
    """
    from contextlib import ExitStack

    from ..past.staffing import plan_staffing

    with ExitStack() as opened:
        plan = plan_staffing(
            log.past(opened, queues), _goal(given),
            patience_s=given["patience"], wrap_up_s=given["wrap_up"], weeks=given["weeks"],
        )  # fmt: skip
    _write(plan, given["to_csv"], given["to_svg"])
    if as_json:
        from ..past.staffing import as_plain

        tables.print_json(as_plain(plan))
        return
    call_log.tell_dirty(plan.dirty, plan.first_dirty)
    if not any(to is not None and to.name == "-" for to in (given["to_csv"], given["to_svg"])):
        _print(plan, bars)


def _goal(given: dict[str, Any]) -> Goal:
    """What is promised: as many parts as were given, and 80 % within 20 s where none was."""
    from ...replay.erlang import Goal

    within_s, share, mean_s, abandons = (given[name] for name in ("answer_within", "share", "mean_wait", "abandon"))
    goal = Goal()
    if share is None and within_s is None and (mean_s is not None or abandons is not None):
        share = 0.0
    return Goal(
        goal.within_s if within_s is None else within_s,
        goal.share if share is None else share,
        goal.mean_wait_s if mean_s is None else mean_s,
        goal.abandons if abandons is None else abandons,
    )


def _write(plan: StaffingPlan, to_csv: TextIO | None, to_svg: TextIO | None) -> None:
    if to_csv is not None:
        import csv

        from ..past.staffing import rows_of

        rows = list(rows_of(plan.needs))
        writer = csv.DictWriter(to_csv, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    if to_svg is not None:
        from ..past.staffing_plot import as_svg

        to_svg.write(as_svg(plan.needs))


def _print(plan: StaffingPlan, bars: bool) -> None:
    """The most agents in each hour, and what that stands on."""
    from ..past.staffing import ASSUMED

    tables.print_facts(_facts(plan))
    click.echo("\nAgents in the busiest quarter of each hour, by Erlang C / by Erlang A:")
    _print_week(plan)
    if bars:
        from ..past.staffing_plot import as_bars

        click.echo()
        for line in as_bars(plan.needs):
            click.echo(line)
    click.echo("\nAn estimate. Assumed:")
    for sentence in ASSUMED:
        click.echo(click.wrap_text(sentence, 110, "  - ", "    "))


def _print_week(plan: StaffingPlan) -> None:
    from ..past.staffing import WEEKDAYS

    def cell(hour: int, weekday: int) -> str:
        quarters = plan.needs[weekday * 96 + hour * 4 :][:4]
        most_c, most_a = max(need.agents_c for need in quarters), max(need.agents_a for need in quarters)
        return f"{most_c}/{most_a}" if most_c else ""

    table = tables.Table(("Hour", *WEEKDAYS), "hour")
    for hour in range(24):
        cells = [cell(hour, weekday) for weekday in range(7)]
        if any(cells):
            table.add([f"{hour:02}:00", *(text or "-" for text in cells)])
    table.end()


def _facts(plan: StaffingPlan) -> list[tuple[str, object]]:
    from ..moments import as_span

    goal, hours = plan.goal, plan.agent_hours
    promised = [f"{100 * goal.share:.4g} % of callers answered within {goal.within_s:g} s"] * (goal.share > 0)
    promised += [f"mean wait at most {goal.mean_wait_s:g} s"] * (goal.mean_wait_s < float("inf"))
    promised += [f"at most {100 * goal.abandons:.4g} % of callers give up"] * (goal.abandons < 1)
    off = plan.error and f"{plan.error[0]:.0%} off by day, {plan.error[1]:.0%} by quarter hour"
    patience = as_span(plan.patience_s) if plan.patience_s < float("inf") else "without end"
    return [
        ("Log", f"{plan.first_day} to {plan.last_day}"),
        ("Calls", f"{plan.answered + plan.abandoned}, of them {plan.abandoned} given up waiting"),
        ("Hung up before they waited", plan.at_once or ""),
        ("Dirty lines", plan.dirty or ""),
        *call_log.left_out(plan.skipped),
        ("Patience", patience),
        ("Promised", "; ".join(promised)),
        ("Week", f"{sum(need.expected.calls for need in plan.needs):.0f} calls expected"),
        ("Last week, foretold", off or ""),
        ("Agent hours", f"{hours[0]:g} by Erlang C, {hours[1]:g} by Erlang A"),
    ]
