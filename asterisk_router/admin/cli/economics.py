"""`asterisk-router economics`: what calls were worth and cost, and who paid for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...policy.file.words import seconds_of
from . import call_log, options, tables

if TYPE_CHECKING:
    from ..past.economics import EconomicsReport


@click.command()
@call_log.log
@call_log.queues
@click.option("--policy", metavar="FILE|NAME", help="Classes as this policy gives them; else as the log tells them.")
@click.option("--agent-hour", type=click.FloatRange(0), default=0.0, help="What an hour of an agent costs.")
@click.option("--wrap-up", metavar="SPAN", default="0s", help="What an agent needs after each call: 20s, 1m30s.")
@options.as_json
def economics(
    log: call_log.LogPlace,
    queues: tuple[str, ...],
    policy: str | None,
    agent_hour: float,
    wrap_up: str,
    as_json: bool,
) -> None:
    """Add up past calls by class: value served and lost, cost, and who waited longer for whom.

    FILE and its map are as in `asterisk-router backtest`; the map has to tell talk_s, and caller_class where no policy
    is given; `brings` is what a call brings when it is answered. A jump is a call answered before its turn; what it
    gained in seconds, others paid together who had come before. Net is what a class gained less what it paid. What is
    lost is the value of callers who gave up, whether they called again or not. Costs are those of the time agents had
    with calls, not of the time they waited for one.

    \b
    Examples:
      asterisk-router economics calls.csv --map calls-map.toml --agent-hour 18 --wrap-up 20s
      asterisk-router economics /var/log/asterisk/queue_log --map queue-log --policy shop --queue sales
      asterisk-router economics --registry --timezone Europe/London
    """
    from contextlib import ExitStack

    from ..past.economics import as_plain, economics_of

    wrap_up_s = seconds_of(wrap_up)
    if wrap_up_s is None:
        raise click.BadParameter(f"{wrap_up!r} is no span of time: write 20s or 1m30s", param_hint="--wrap-up")
    loaded = options.ports().load_policy(policy) if policy else None
    with ExitStack() as opened:
        past = log.past(opened, queues, loaded.timezone if loaded else "")
        report = economics_of(past, agent_hour=agent_hour, wrap_up_s=wrap_up_s, policy=loaded)
    if as_json:
        tables.print_json(as_plain(report))
        return
    call_log.tell_dirty(report.dirty, report.first_dirty)
    tables.print_facts(call_log.left_out(report.skipped))
    _print(report, any(one.value_served or one.value_lost for one in report.classes))


def _print(report: EconomicsReport, valued: bool) -> None:
    """A table of the classes; money only where there is some."""
    from ..past.economics import row_of

    shown = {"class": "Class", "calls": "Calls", "answered": "Answered", "lost": "Lost", "mean_wait_s": "Wait s"}
    if valued:
        shown |= {"value_served": "Value served", "value_lost": "Value lost", "value_per_call": "A call brings"}
    if report.agent_hour:
        shown |= {"cost": "Cost", "cost_per_call": "A call costs"}
    shown |= {"jumps": "Jumps", "paid_for_a_jump_s": "Paid for each s", "overtaken": "Overtaken", "net_s": "Net s"}
    rows = [row_of(one, report.agent_hour) for one in report.classes]
    tables.print_table(list(shown.values()), [[row[name] for name in shown] for row in rows], "class", "classes")
