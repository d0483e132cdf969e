"""`asterisk-router backtest`: a policy on the calls of a log."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import call_log, options, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...replay.decisions import Tally
    from ..past.backtest import Backtest, BacktestReport

SHOWN_DIRTY = 20
"""Dirty lines shown one by one; --dirty FILE has the rest."""

SHOWN_ROWS = 30
"""Rows of a table on the screen; --json has all of them."""

ASSUMED = (
    "Callers are known by the log alone: tags, value and language as its columns say, nothing of the store.",
    "Histories begin with the log: whoever called before it began seems new.",
    "A caller's earlier call had ended when the next one rang.",
    "Facts of the live line are unknown; numbers are not attested, unless the log tells the trust they had.",
    "Head starts claimed by a bare number are granted, unless the log tells that they were refused; the decoy is off.",
)
"""What the figures rest on."""


class Asked(NamedTuple):
    """The command line."""

    log: call_log.LogPlace
    """The log."""
    policy: str
    """The policy that is tried."""
    against: str | None
    """The policy it is compared with; None for what the log says."""
    jobs: int
    """Processes; 0 for one a core."""
    resume: Path | None
    """Where what is done is kept."""
    dirty: str | None
    """Where dirty lines are written."""
    changes: str | None
    """Where changed calls are written."""


@click.command()
@call_log.log
@options.needed_policy
@click.option("--against", metavar="FILE|NAME", help="Compare with this policy, not with what the log says happened.")
@click.option("--jobs", type=click.IntRange(0), default=0, help="Processes; else one a core.")
@click.option("--resume", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Keep there what is done; the same command goes on where it was broken off.")  # fmt: skip
@click.option("--dirty", metavar="FILE", type=click.Path(dir_okay=False), help="Write lines that cannot be read there.")
@click.option("--changes", metavar="FILE", type=click.Path(dir_okay=False), help="Write calls that change there.")
@options.as_json
def backtest(as_json: bool, **given: Any) -> None:
    """Decide past calls by a policy: who would change class, branch and head start.

    FILE is a log with a line for each call: Asterisk's Master.csv or queue_log, what `asterisk-router calls export`
    wrote, or any delimited file with a map of its columns; `-` is standard input. With --registry every decision of the
    registry is made again and compared with what was really decided. Lines that cannot be read are reported and left
    out; the exit code is 1 only if no call was read.

    \b
    Examples:
      asterisk-router backtest Master.csv --map asterisk-cdr --policy new.toml --against old.toml
      asterisk-router backtest --registry --policy new.toml
      asterisk-router backtest Master.csv --map asterisk-cdr --policy new.toml --against old.toml \\
          --changes changed.csv --dirty dirty.csv --resume /var/tmp/backtest
      asterisk-router backtest calls.csv --map calls-map.toml --policy shop --json
    """
    import time

    began_s = time.monotonic()
    asked = Asked(**given)
    with ExitStack() as opened:
        test = _prepare(asked, opened)
        came_to = opened.enter_context(call_log.progress(test.pieces, "deciding", as_json))
        try:
            report = test.run(asked.jobs or _cores(), came_to)
        except KeyboardInterrupt:
            if asked.resume:
                click.echo(f"\nstopped: the same command goes on, with --resume {asked.resume}", err=True)
            raise
        first = _write_dirty(test, asked.dirty)
        if asked.changes:
            _write_changes(test, asked.changes)
        test.clear()
    if asked.resume:
        with suppress(OSError):  # somebody keeps something else there
            asked.resume.rmdir()
    _print(asked, report, first, time.monotonic() - began_s, as_json)
    if not report.tally.calls:
        raise click.ClickException("no call was read")


def _cores() -> int:
    from ..past.in_processes import cores

    return cores()


def _prepare(asked: Asked, opened: ExitStack) -> Backtest:
    import tempfile

    from ...errors import SettingsError
    from ...policy.schedules import zone
    from ..past.backtest import Backtest

    if asked.resume and asked.log.file in ("", "-"):
        raise click.UsageError("--resume goes on with a file: write one with `asterisk-router calls export --full`")
    columns = asked.log.map()
    policy = options.ports().load_policy(asked.policy)
    against = options.ports().load_policy(asked.against) if asked.against else None
    timezone = asked.log.timezone or columns.timezone or policy.timezone
    try:
        zone(timezone)
    except (ValueError, KeyError):
        raise SettingsError(f"no such time zone: {timezone!r}", where="--timezone", remedy="Europe/London...") from None
    if asked.resume:
        asked.resume.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = asked.resume
    else:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="asterisk-router-backtest-")))
    log = asked.log.opened(columns, opened)
    return Backtest(log, columns, policy, against, timezone, folder, bool(asked.changes))


def _write_dirty(test: Backtest, path: str | None) -> list[dict[str, Any]]:
    """All dirty lines into a file, if one is named; the first of them for the screen."""
    import csv

    from ..csv_cells import cell

    first: list[dict[str, Any]] = []
    with open(path, "w", encoding="utf-8", newline="") if path else nullcontext() as file:
        rows = csv.writer(file) if file else None
        if rows:
            rows.writerow(("line", "reason"))
        for dirty in test.dirty_lines():
            if len(first) < SHOWN_DIRTY:
                first.append(dirty._asdict())
            elif not rows:
                break
            if rows:
                rows.writerow(map(cell, dirty))
    return first


def _write_changes(test: Backtest, path: str) -> None:
    import csv
    import shutil

    from ..past.backtest import CHANGES_HEADER

    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(CHANGES_HEADER)
        for part in test.changes():
            with part.open(encoding="utf-8", newline="") as some:
                shutil.copyfileobj(some, file)


def _print(asked: Asked, report: BacktestReport, first: list[dict[str, Any]], took_s: float, as_json: bool) -> None:
    from ...replay.decisions import CHANGES

    tally = report.tally
    with_what = asked.against or "the log"
    if as_json:
        tables.print_json(
            {
                "log": asked.log.name, "policy": asked.policy, "against": with_what, "lines": report.lines,
                "calls": tally.calls, "changed": tally.changed, "first_at_s": tally.first_at_s,
                "last_at_s": tally.last_at_s, "further_records": report.further_records, "skipped": report.skipped,
                "dirty": report.dirty, "dirty_kinds": report.dirty_kinds, "first_dirty": first,
                **{what: tables.as_plain(tuple(tally.moved(what))) for what in CHANGES},
                **{f"by_{by}": tables.as_plain(tuple(tally.counted(by))) for by in ("class", "hour", "line")},
                "assumed": ASSUMED, "seconds": round(took_s, 3),
            }
        )  # fmt: skip
        return
    for dirty in first:
        click.echo(tables.printable(f"line {dirty['line']}: {dirty['reason']}"), err=True)
    if report.dirty > len(first):
        click.echo(f"... and {report.dirty - len(first)} more; --dirty FILE writes them", err=True)
    if not _compared(tally):
        with_what = "nothing: the log does not tell what was decided then (--against POLICY)"
    skipped = [(f"Left out, {why}", count) for why, count in report.skipped.items()]
    tables.print_facts(
        [
            ("Log", asked.log.name), ("Policy", asked.policy), ("Compared with", with_what), ("Lines", report.lines),
            ("Dirty", report.dirty), *skipped, ("Further records of a call", report.further_records or ""),
            ("Calls", tally.calls), ("Calls that change", tally.changed),
            ("Decided in", f"{took_s:.2f} s"),
        ]
    )  # fmt: skip
    _print_tables(tally)
    for sentence in ASSUMED:
        click.echo(f"  {sentence}")


def _compared(tally: Tally) -> bool:
    """Whether anything is known of what was decided before."""
    from ...replay.decisions import CHANGES

    return not tally.calls or any(move.before for what in CHANGES for move in tally.moved(what))


def _print_tables(tally: Tally) -> None:
    from ...replay.decisions import CHANGES

    compared = _compared(tally)
    rows = [
        (*row[:5], "-" if row.mean_wait_s is None else f"{row.mean_wait_s:.0f} s")
        for what in CHANGES
        for row in tally.moved(what)
        if row.before != row.after and (row.before or not compared)
    ]
    click.echo()
    _print_rows(
        ("What", "Before", "After", "Calls", "Missed then", "Waited then"), rows, "change" if compared else "outcome"
    )
    for by in ("class", "hour", "line"):
        click.echo()
        headers = (by.capitalize(), "Calls", "Change", "Class", "Branch", "Head start")
        counted = [(row.name or "-", *row[1:]) for row in tally.counted(by)]
        _print_rows(headers, counted, by, "classes" if by == "class" else "")
    click.echo()


def _print_rows(headers: Sequence[str], rows: Sequence[Sequence[object]], one: str, many: str = "") -> None:
    tables.print_table(headers, rows[:SHOWN_ROWS], one, many)
    if len(rows) > SHOWN_ROWS:
        click.echo(f"... of {len(rows)}; --json has all of them")
