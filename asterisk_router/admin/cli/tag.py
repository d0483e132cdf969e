"""`asterisk-router tag`: what people assert about callers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from . import options, tables, tag_rows

if TYPE_CHECKING:
    from ...callers.caller_book import CallerBook
    from ..callers.tagging import PlacedTag

WHOM = "NUMBER|PREFIX*|FIRST-LAST"
TRUST_LEVELS = ("E0", "E1", "E2", "E3", "E4")
HEADERS = ("Number", *tag_rows.HEADERS)
NAMED = 10  # how many of those whose record cannot be read


@click.group()
def tag() -> None:
    """Tag callers, prefixes and ranges of numbers."""


@tag.command()
@click.argument("whom", metavar=WHOM)
@click.argument("name")
@click.option("--author", default=options.who, show_default="you", help="Who asserts it.")
@click.option("--evidence", default="", help="What it rests on: a contract number, a ticket.")
@click.option("--confidence", type=click.IntRange(0, 100), default=100, show_default=True, help="How sure, in percent.")
@click.option(
    "--trust",
    type=click.Choice(TRUST_LEVELS),
    default="E1",
    show_default=True,
    help="Least trust of the calling number at which it counts.",
)
@click.option("--expires", default="never", show_default=True, help="30d, 12h, 2w, 1y, or a date such as 2027-01-31.")
@options.callers
@options.as_json
def add(
    whom: str,
    name: str,
    author: str,
    evidence: str,
    confidence: int,
    trust: str,
    expires: str,
    place: options.CallerPlace,
    as_json: bool,
) -> None:
    """Tag a number (and its person), a prefix or a range; a tag of the same name is replaced.

    \b
    Examples:
      asterisk-router tag add +42125550100 supplier --evidence "contract 12/2026"
      asterisk-router tag add "+4212555*" inspector --evidence "tax office"
      asterisk-router tag add +42125550120-+42125550139 inspector --expires 1y
    """
    from ...callers.caller import Tag
    from .. import moments
    from ..asked.callers import TagAdd
    from ..callers import tagging, targets

    target = targets.parse_target(place.plan(), whom)
    expires_at_s = moments.parse_expiry(expires, int(time.time()))
    added = place.ask(TagAdd(*target, name, author, evidence, confidence, int(trust[1]), expires_at_s))
    printer = _Printer(as_json)
    printer.show(tagging.PlacedTag(target, Tag(**added)))
    printer.end()


@tag.command()
@click.argument("number")
@click.argument("name")
@click.option("--evidence", required=True, metavar="TEXT", help="What it rests on: a ticket, a file.")
@click.option("--expires", default="30d", show_default=True, help="Until when, 90 days at most: 30d, 2w, 2027-01-31.")
@options.callers
@options.as_json
def approve(number: str, name: str, evidence: str, expires: str, place: options.CallerPlace, as_json: bool) -> None:
    """Approve a tag that another person set on a number: a decoy is played by such a tag alone.

    Who you are is what the machine knows (`people whoami`); who set the tag cannot approve it. A tag approved again
    is suspended no more. Exit code 1 where it is not approved, and why.

    \b
    Example:
      asterisk-router tag approve +42125550109 competitor --evidence "ticket 7, three calls a day"
    """
    from ...callers.caller import Tag
    from .. import moments
    from ..asked.callers import TagApprove
    from ..callers import tagging, targets

    key = targets.number_key(place.plan(), number)
    approved = place.ask(TagApprove(key, name, evidence, moments.parse_expiry(expires, int(time.time()))))
    printer = _Printer(as_json)
    printer.show(tagging.PlacedTag(targets.Target(key), Tag(**approved)))
    printer.end()


@tag.command()
@click.argument("whom", metavar=WHOM)
@click.argument("name")
@options.callers
@options.as_json
def remove(whom: str, name: str, place: options.CallerPlace, as_json: bool) -> None:
    """Take a tag away; a prefix or a range must be written as it was tagged. Exit code 1 if it was not there.

    \b
    Example:
      asterisk-router tag remove +42125550100 supplier
    """
    from ..asked.callers import TagRemove
    from ..callers import targets

    target = targets.parse_target(place.plan(), whom)
    if not place.ask(TagRemove(*target, name)):
        raise click.ClickException(f"{target} does not carry the tag {name!r}")
    if as_json:
        tables.print_json({"number": str(target), "removed": name})
    else:
        click.echo(f"{target} no longer carries {name}")


@tag.command("list")
@click.argument("number", required=False)
@click.option("--name", default="", help="Only tags of that name.")
@options.callers
@options.as_json
def list_tags(number: str | None, name: str, place: options.CallerPlace, as_json: bool) -> None:
    """List the tags a call from NUMBER would carry, those of its prefixes and ranges included; or all there are.

    Callers whose record cannot be read are left out and named after the rest; the exit code is 1 then.

    \b
    Examples:
      asterisk-router tag list +42125550120
      asterisk-router tag list --name inspector
    """
    from ..callers import tagging, targets

    printer = _Printer(as_json)
    unreadable: list[str] = []

    async def listed(book: CallerBook) -> None:
        if number:
            for placed in await tagging.tags_of(book, targets.number_key(place.plan(), number)):
                printer.show(placed, name)
        else:
            async for placed in tagging.all_tags(book, unreadable):
                printer.show(placed, name)

    place.do(listed)
    printer.end()
    if unreadable:
        records = (
            "1 record cannot be read and is"
            if len(unreadable) == 1
            else f"{len(unreadable)} records cannot be read and are"
        )
        whose = ", ".join(unreadable[:NAMED]) + (" and more" if len(unreadable) > NAMED else "")
        raise click.ClickException(
            f"{records} left out: {whose} (`asterisk-router caller show {unreadable[0]}` says why)"
        )


class _Printer:
    """Prints tags as they come, for there may be a million."""

    def __init__(self, as_json: bool) -> None:
        self._list = tables.JsonList() if as_json else None
        self._table = tables.Table(HEADERS, "tag")

    def show(self, placed: PlacedTag, name: str = "") -> None:
        """Print one tag if it has the name asked for."""
        target, held = placed
        if name not in ("", held.name):
            return
        if self._list is not None:
            self._list.add({"number": str(target), **held._asdict()})
        else:
            self._table.add((str(target), *tag_rows.row_of(held)))

    def end(self) -> None:
        """Print the end of the list."""
        (self._list or self._table).end()
