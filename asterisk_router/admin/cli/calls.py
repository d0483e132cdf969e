"""`asterisk-router calls`: every call, as the registry has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...callers.registered_call import BeganCall, EndedCall, Gap
from ...errors import StoreUnavailableError
from . import options, tables
from .calls_explain import explain_call

if TYPE_CHECKING:
    from ...callers.registered_call import Registered
    from ..ports import Shared
    from ..waits import Waits

COLUMNS = "{:<19}  {:<16}  {:<16}  {:<16}  {:<15}  {:<14}  {:>7}  {:>7}"
HEADERS = ("Time", "Number", "Class", "Branch", "Outcome", "Agent", "Waited", "Talked")

LOOK_S = 0.5
"""How often new calls are looked for."""


@click.group()
def calls() -> None:
    """See the calls that came in and went out."""


calls.add_command(explain_call)


@calls.command()
@click.option("-n", "count", metavar="N", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on with each call that ends, until Ctrl-C.")
@click.option("--full", is_flag=True, help="Show whole numbers: they belong to persons.")
@options.store
@options.as_json
def tail(count: int, follow: bool, full: bool, place: options.StorePlace, as_json: bool) -> None:
    """Show the latest calls, one a line: who, class, branch, outcome, agent, how long they waited and talked.

    A call that has not ended, or whose end nobody reported, is `begun`; before the number of a call that the house
    made stands `>`. Calls known to be missing from the registry are a line of their own. With --json one document a
    line.

    \b
    Examples:
      asterisk-router calls tail
      asterisk-router calls tail -n 100 -f --full
      asterisk-router calls tail --json
    """
    import asyncio

    from .. import calls as registry

    def show(records: list[Registered]) -> None:
        for record in records:
            if as_json:
                tables.print_json_line(registry.as_plain(record, full))
            else:
                tables.say(_line(record, full))

    async def act(shared: Shared) -> None:
        records, position = await shared.calls.newest(3 * count or 1)  # begun, decided anew perhaps, ended
        if not as_json:
            click.echo(COLUMNS.format(*HEADERS))
        show(registry.one_a_call(records)[-count:] if count else [])
        while follow:
            await asyncio.sleep(LOOK_S)
            try:
                records, position = await shared.calls.after(position)
            except StoreUnavailableError as fault:
                click.echo(f"{fault}; looking again", err=True)
                continue
            show([record for record in records if not isinstance(record, BeganCall)])

    place.do(act)


@calls.command()
@click.option(
    "--hours", metavar="N", type=click.IntRange(1, 14 * 24), default=24, show_default=True, help="How far back."
)
@options.store
@options.as_json
def waits(hours: int, place: options.StorePlace, as_json: bool) -> None:
    """Show the wait promised and the wait that happened, by hour and class.

    Of everybody who waited for a person: how many were answered, and how many of these within the promised wait. With
    --json one document a line.

    \b
    Examples:
      asterisk-router calls waits
      asterisk-router calls waits --hours 168 --json
    """
    import time

    from ..waits import by_hour_and_class, hour_of

    since_s = hour_of(time.time() - hours * 3600)

    async def act(shared: Shared) -> None:
        records: list[Registered] = []
        position, further = "", f"{since_s * 1000}-0"
        while position != further:
            position = further
            more, further = await shared.calls.after(position)
            records += [record for record in more if isinstance(record, EndedCall)]
        rows = by_hour_and_class(records, since_s)
        if as_json:
            for row in rows:
                tables.print_json_line(row._asdict())
        else:
            _print_waits(rows)

    place.do(act)


@calls.command()
@click.option(
    "--since", metavar="WHEN", default="", help="Calls that began then or later: 2026-11-23, 2026-11-23T09:30."
)
@click.option("--until", metavar="WHEN", default="", help="Calls that began before that moment.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV with a heading in place of one JSON document a line.")
@click.option("--full", is_flag=True, help="Write whole numbers: they belong to persons.")
@options.store
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document a line, as without --csv.")
def export(since: str, until: str, as_csv: bool, full: bool, place: options.StorePlace, as_json: bool) -> None:
    """Write every decision: policy version, facts seen, rules, latency, degraded, and how the call ended.

    Unique ID and linked ID are those of the CDR and of queue_log. A call decided anew after a choice in a menu has a
    row for each decision. On standard error: how many there were, and how many records are known to be missing.

    \b
    Examples:
      asterisk-router calls export --since 2026-11-23T09:30
      asterisk-router calls export --since 2026-11-01 --until 2026-12-01 --csv
      asterisk-router calls export --full
    """
    import csv
    import sys

    from ..call_export import COLUMNS as NAMES
    from ..call_export import DecisionRows
    from ..csv_cells import cell
    from ..moments import parse_moment

    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other")
    since_s, unreadable = parse_moment(since) if since else 0, 0
    rows = DecisionRows(since_s, parse_moment(until) if until else float("inf"), full)
    writer = csv.writer(sys.stdout, lineterminator="\n") if as_csv else None

    def write(row: dict[str, Any]) -> None:
        if writer is None:
            tables.print_json_line(row)
        else:
            writer.writerow(map(cell, row.values()))

    async def act(shared: Shared) -> None:
        nonlocal unreadable
        async for row in rows.read(shared.calls):
            write(row)
        unreadable = shared.calls.unreadable

    if writer is not None:
        writer.writerow(NAMES)
    place.do(act)
    missing = f"; known to be missing: {rows.missing} records (gaps: {rows.gaps})" if rows.gaps else ""
    other = f"; {unreadable} records of another release, left out" if unreadable else ""
    click.echo(f"{rows.decisions} decisions{missing}{other}", err=True)


def _print_waits(rows: list[Waits]) -> None:
    from ..moments import as_moment, as_span

    table = tables.Table(("Hour", "Class", "Calls", "Answered", "Promised", "In time", "Mean", "Longest"), "row")
    for row in rows:
        promised, in_time = (as_span(row.promised_wait_s), row.in_time) if row.promised_wait_s else ("-", "-")
        spans = as_span(row.mean_wait_s), as_span(row.longest_wait_s)
        name = tables.printable(row.caller_class or "-")
        table.add((as_moment(row.hour_s), name, row.calls, row.answered, promised, in_time, *spans))
    table.end()


def _line(record: Registered, full: bool) -> str:
    from ...numbering.number import masked
    from ..moments import as_span, to_the_second

    if isinstance(record, Gap):
        many = f"{record.records} records" if record.records else "an unknown number of records"
        return f"{to_the_second(record.to_s)}  -- {many} missing: {record.why or 'nobody knows why'} --"
    ended = record if isinstance(record, EndedCall) else None
    number = (record.number if full or not record.number else masked(record.number)) or "withheld"
    columns = (
        to_the_second(ended.began_at_s if ended else record.at_s),  # type: ignore[union-attr]
        f"> {number}" if ended and ended.direction == "out" else number,
        record.caller_class or "-",
        record.branch or "-",
        (ended.how or ended.outcome) if ended else "begun",
        (ended.agent if ended else "") or "-",
        as_span(ended.waited_s) if ended else "-",
        as_span(ended.talked_s) if ended else "-",
    )
    return COLUMNS.format(*columns)
