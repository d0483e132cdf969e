"""`asterisk-router caller import`: many callers from a CSV file."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ...errors import RouterError, StoreError
from . import options, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from ..callers.caller_import import CallerImport, ImportReport, Rejection

MAP_HELP = (
    "FIELD=COLUMN, or FIELD:=TEXT for every row; FIELD one of number, name, tag, evidence, value, orders, language, "
    "own_agent, open_matter; COLUMN a header, or a place counted from 1."
)


class ImportOptions(NamedTuple):
    """How the file is read and what is done with its lines."""

    file: str
    """Path of the CSV file, `-` for standard input."""
    mapped: tuple[str, ...]
    """The map, as written."""
    dry_run: bool
    """Whether nothing is stored."""
    rejected: str | None
    """Where rejected lines are written."""
    from_line: int
    """The first line that is imported."""
    author: str
    """Author of the imported tags."""
    encoding: str
    """Encoding of the file."""


@click.command("import")
@click.argument("file", metavar="CSV", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--map", "mapped", metavar="MAP", multiple=True, required=True, help=MAP_HELP)
@click.option("--dry-run", is_flag=True, help="Read and judge every line, store nothing.")
@click.option("--rejected", metavar="FILE", type=click.Path(dir_okay=False), help="Write rejected lines there, as CSV.")
@click.option("--from-line", metavar="N", type=click.IntRange(2), default=2, help="Go on where an import stopped.")
@click.option("--author", default="import", show_default=True, help="Author of the imported tags.")
@click.option("--encoding", default="utf-8-sig", show_default="utf-8", help="Encoding of the file: cp1250, latin-1...")
@options.callers
@options.as_json
def import_callers(place: options.CallerPlace, as_json: bool, **given: Any) -> None:
    """Import callers from a CSV file of any length.

    Its first line names the columns; commas, semicolons and tabs are told apart by it. What the file says of a
    caller wins, what it leaves empty stays. A line that becomes no caller is reported by number and reason and
    the rest is imported; the exit code is 1 only if nothing was.

    \b
    Examples:
      asterisk-router caller import crm.csv --country SK --dry-run \\
          --map number=Phone,number=Mobile,name=Company,value=Turnover
      asterisk-router caller import offices.csv --country SK \\
          --map number=Phone,tag:=inspector,evidence=Office --rejected bad.csv
    """
    asked = ImportOptions(**given)
    with ExitStack() as opened:
        binary = sys.stdin.buffer if asked.file == "-" else opened.enter_context(open(asked.file, "rb"))
        work = _prepare(asked, binary, place)
        refuse = opened.enter_context(_rejections(asked.rejected))
        came_to = opened.enter_context(_progress(asked.file, binary, as_json))
        try:
            _run(work, asked, place, came_to, refuse)
        except (KeyboardInterrupt, RouterError) as fault:
            if isinstance(fault, RouterError) and not isinstance(fault, StoreError) and not work.report.saved:
                raise
            click.echo(
                f"\nstopped: {work.report.saved} callers are stored; go on with --from-line {work.report.next_line}",
                err=True,
            )
            raise
    _print_report(work.report, asked.dry_run, as_json)
    if not work.report.saved and work.report.rejected:
        raise click.ClickException("not one line became a caller")


def _prepare(asked: ImportOptions, binary: BinaryIO, place: options.CallerPlace) -> CallerImport:
    from io import TextIOWrapper

    from ..callers.caller_csv import parse_map
    from ..callers.caller_import import CallerImport

    try:
        text = TextIOWrapper(binary, asked.encoding, "replace", newline="")
    except LookupError:
        raise click.BadParameter(f"no such encoding: {asked.encoding}", param_hint="--encoding") from None
    sources = parse_map(asked.mapped)
    return CallerImport(text, sources, place.plan(), author=asked.author, from_line=asked.from_line)


def _run(
    work: CallerImport,
    asked: ImportOptions,
    place: options.CallerPlace,
    came_to: Callable[[], None],
    refuse: Callable[[Rejection], None],
) -> None:
    import asyncio

    if asked.dry_run:
        asyncio.run(work.run(None, came_to, refuse))
        return
    from ..asked.caller_import import ImportPieces

    with place.store.callers_of_daemon(ImportPieces(asked.from_line)) as callers:
        if callers is not None:
            asyncio.run(work.run(callers, came_to, refuse))
            return
    from ..people.acting import Act

    place.act(Act("caller import", subject="callers"), lambda book: work.run(book, came_to, refuse))


@contextmanager
def _rejections(path: str | None) -> Iterator[Callable[[Rejection], None]]:
    """Where each rejected line goes: a CSV file, or nowhere (the report keeps the first ones)."""
    if path is None:
        yield lambda rejection: None
        return
    import csv

    from ..csv_cells import cell

    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "reason", "row"))
        yield lambda rejection: writer.writerow(map(cell, (rejection.line, rejection.reason, *rejection.row)))


@contextmanager
def _progress(path: str, binary: BinaryIO, as_json: bool) -> Iterator[Callable[[], None]]:
    """A bar on standard error while a person watches; measured in bytes, as nobody knows the number of lines."""
    if as_json or path == "-" or not sys.stderr.isatty():
        yield lambda: None
        return
    import os

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = ("importing", BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=os.path.getsize(path))
        yield lambda: bar.update(task, completed=binary.tell())


def _print_report(report: ImportReport, dry_run: bool, as_json: bool) -> None:
    if as_json:
        first = [{"line": rejection.line, "reason": rejection.reason} for rejection in report.first_rejections]
        plain = {"dry_run": dry_run, **vars(report), "reasons": dict(report.reasons), "first_rejections": first}
        tables.print_json({**plain, "seconds": round(report.seconds, 3)})
        return
    for rejection in report.first_rejections:
        click.echo(f"line {rejection.line}: {rejection.reason}", err=True)
    hidden = report.rejected - len(report.first_rejections)
    if hidden:
        click.echo(f"... and {hidden} more; --rejected FILE writes all of them", err=True)
    if report.dropped_numbers:
        click.echo(f"{report.dropped_numbers} further numbers left out, being malformed or withheld", err=True)
    for reason, lines in report.reasons.most_common():
        click.echo(f"{lines:>9} lines rejected: {reason}")
    done = "would be imported" if dry_run else "imported"
    click.echo(f"{report.saved:>9} callers {done} in {report.seconds:.1f} s")
