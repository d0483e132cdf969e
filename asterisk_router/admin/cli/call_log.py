"""Options of commands that read a log of past calls: where it is, the map of its columns, its time zone."""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import options, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import ExitStack

    from ...replay.columns import ColumnMap
    from ...replay.row_reader import Dirty
    from ..past.log_file import LogFile
    from ..past.log_reader import PastLog

SHIPPED = "asterisk-cdr, cdr-table, queue-log, audit, anonymous-bank"
"""Maps that come with the product, for the help."""

AUDIT = "audit"
"""The shipped map of what the registry exports."""

PATH = click.Path(exists=True, dir_okay=False, allow_dash=True)

OPTIONS = (
    click.option("--map", "columns", metavar="FILE|NAME", default="",
                 help=f"Map of the log's columns, or one that is shipped: {SHIPPED}."),
    click.option("--timezone", default="", metavar="ZONE",
                 help="Time zone of the log; else the map's, else the policy's."),
    click.option("--registry", is_flag=True, help="Read the registry of calls in place of a file."),
)  # fmt: skip
"""In the order in which help shows them."""


class LogPlace(NamedTuple):
    """A log of past calls and how it is read."""

    file: str
    """Its path, `-` for standard input; empty for the registry."""
    columns: str
    """The map: a file or a shipped name."""
    timezone: str
    """Time zone as asked; empty where nobody asks."""
    store: options.StorePlace
    """Which registry."""

    @property
    def name(self) -> str:
        """What a report calls it."""
        return self.file or "the registry"

    def map(self) -> ColumnMap:
        """The map; raises ColumnMapError."""
        from ..past.log_file import load_column_map

        return load_column_map(self.columns)

    def opened(self, columns: ColumnMap, opened: ExitStack) -> LogFile:
        """The log as a file of its own: standard input and the registry are copied into one that `opened` removes.

        Raises OSError, LogError for a file that is no log, StoreUnavailableError where the registry cannot be read.
        """
        from ..past.log_file import LogFile

        path = Path(self.file) if self.file not in ("", "-") else self._copied(opened)
        log = LogFile(path, path.stat().st_size, columns.encoding)
        log.refuse_what_is_none(self.name if self.file != "-" else "standard input")
        return log

    def past(self, opened: ExitStack, queues: Sequence[str] = (), timezone: str = "", as_json: bool = False) -> PastLog:
        """The calls of it, `timezone` being that of a policy; a person who watches sees how far it is read."""
        from ..past.log_reader import PastLog, wall_zone

        columns = self.map()
        log = self.opened(columns, opened)
        done = opened.enter_context(progress(log.chunks, "reading", as_json))
        return PastLog(log, columns, wall_zone(columns, self.timezone, timezone), queues, done)

    def _copied(self, opened: ExitStack) -> Path:
        import shutil
        import tempfile

        path = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="asterisk-router-log-"))) / "log"
        if self.file:
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            return path
        from ..call_export import write_all

        with path.open("w", encoding="utf-8") as text:
            self.store.do(lambda shared: write_all(shared.calls, text))
        return path


def log(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the file as an argument, and its options; hands them over as one `log`."""
    return _placed(command, click.argument("file", metavar="[FILE]", required=False, type=PATH), True)


def log_option(command: Callable[..., None]) -> Callable[..., None]:
    """The same with the file as `--log`; `log` is None where neither it nor the registry is asked for."""
    return _placed(command, click.option("--log", "file", metavar="FILE", help="Past calls.", type=PATH), False)


queues = click.option("--queue", "queues", metavar="NAME", multiple=True, help="Only calls of this queue; repeat it.")


def _placed(command: Callable[..., None], file_option: Callable[..., Any], needed: bool) -> Callable[..., None]:
    @functools.wraps(command)
    def placed(
        file: str | None, columns: str, timezone: str, registry: bool, place: options.StorePlace, **rest: Any
    ) -> None:
        if not file and not registry and not needed:
            command(log=None, **rest)
            return
        if bool(file) == registry:
            raise click.UsageError(
                "name the log, or --registry" if registry is False else "a log, or --registry: not both"
            )
        if not registry and not columns:
            raise click.UsageError(f"--map is missing: a file, or one of {SHIPPED}")
        command(log=LogPlace(file or "", columns or AUDIT, timezone, place), **rest)

    decorated = options.store(placed)
    for option in reversed((file_option, *OPTIONS)):
        decorated = option(decorated)
    return decorated


@contextmanager
def progress(pieces: int, what: str, as_json: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while a person watches work of more than one piece."""
    if as_json or pieces < 2 or not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = (what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    # no thread of its own: processes are forked while the bar is shown
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task("", total=pieces)
        yield lambda done: bar.update(task, completed=done, refresh=True)


def tell_dirty(dirty: int, first: Sequence[Dirty]) -> None:
    """Name the first lines that cannot be read, and how many more there are."""
    for line, reason in first:
        click.echo(tables.printable(f"line {line}: {reason}"), err=True)
    if dirty > len(first):
        click.echo(f"... and {dirty - len(first)} more", err=True)


def left_out(skipped: Mapping[str, int]) -> list[tuple[str, object]]:
    """What was left out of a log, as facts."""
    return [(f"Left out, {why}", count) for why, count in skipped.items()]
