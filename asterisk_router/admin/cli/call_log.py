"""Options of commands that read a log of past calls: the file, and which column says what."""

from __future__ import annotations

import functools
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO, TextIO

    from ..staffing_csv import Columns, RejectedLine

LARGE_FILE = 5_000_000
"""Bytes from which on reading is shown: a second or so."""

NAMED = ("started", "talked", "date", "waited", "outcome", "answered", "ignored")

OPTIONS = (
    click.argument("file", metavar="CALLS", type=click.Path(exists=True, dir_okay=False, allow_dash=True)),
    click.option("--started", metavar="COLUMN", required=True, help="When the caller asked for an agent."),
    click.option("--date", metavar="COLUMN", default="", help="The day, where --started is a time of day alone."),
    click.option("--talked", metavar="COLUMN", required=True, help="How long an agent talked: seconds or h:mm:ss."),
    click.option("--waited", metavar="COLUMN", default="", help="How long the caller waited, answered or not."),
    click.option("--outcome", metavar="COLUMN", default="", help="How it ended; else who talked was answered."),
    click.option("--answered", metavar="WORD", multiple=True, default=("ANSWERED",), show_default=True,
                 help="What stands in --outcome where an agent answered."),
    click.option("--ignored", metavar="WORD", multiple=True, help="What stands in --outcome where it was no call."),
    click.option("--only", metavar="COLUMN=WORD[,WORD]", multiple=True, help="Count only calls with a word there."),
    click.option("--encoding", default="utf-8-sig", show_default="utf-8", help="Of the file: cp1250, latin-1..."),
)  # fmt: skip
"""In the order in which help shows them."""


class LogPlace(NamedTuple):
    """A log of calls and how to read it."""

    file: str
    """Its path, `-` for standard input."""
    encoding: str
    """How its text is written."""
    columns: Columns
    """Which column says what."""

    @contextmanager
    def opened(self) -> Iterator[TextIO]:
        """The text of it, closed at the end; a person who watches sees how far it is read."""
        from io import TextIOWrapper

        with _watched(self.file) as binary:
            try:
                text = TextIOWrapper(binary, self.encoding, "replace", newline="")
            except LookupError:
                raise click.BadParameter(f"no such encoding: {self.encoding}", param_hint="--encoding") from None
            with text:
                yield text


def _watched(file: str) -> AbstractContextManager[BinaryIO]:
    """The bytes of a file; with a bar on standard error where that is a terminal and the file takes seconds."""
    from contextlib import nullcontext

    if file == "-":
        return nullcontext(sys.stdin.buffer)
    if not sys.stderr.isatty() or os.path.getsize(file) < LARGE_FILE:
        return open(file, "rb")
    from rich.console import Console
    from rich.progress import open as watched_open

    return watched_open(file, "rb", description="reading", console=Console(stderr=True), transient=True)


def columns(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the file and the options of its columns, and hands them over as one `log`."""

    @functools.wraps(command)
    def placed(file: str, encoding: str, only: tuple[str, ...], **rest: Any) -> None:
        from ..staffing_csv import Columns

        named = {name: rest.pop(name) for name in NAMED}
        command(log=LogPlace(file, encoding, Columns(**named, only=tuple(map(_words, only)))), **rest)

    for option in reversed(OPTIONS):
        placed = option(placed)
    return placed


def _words(written: str) -> tuple[str, tuple[str, ...]]:
    """`COLUMN=WORD,WORD` as column and words."""
    name, equals, words = written.partition("=")
    if not equals:
        raise click.BadParameter(f"{written!r} says nothing: write COLUMN=WORD", param_hint="--only")
    return name, tuple(words.split(","))


def tell_rejected(rejected: int, first: Sequence[RejectedLine]) -> None:
    """Name the first lines that are no call, and how many more there are."""
    for line in first:
        click.echo(tables.printable(f"line {line.line}: {line.reason}"), err=True)
    if rejected > len(first):
        click.echo(f"... and {rejected - len(first)} more", err=True)
