"""`asterisk-router number`: which number is this."""

from __future__ import annotations

import os
import sys

import click

from . import options


@click.command()
@click.argument("raw", nargs=-1)
@options.country
@options.policy
@click.option(
    "--trunk", default="", metavar="NAME", help="Read the numbers as that trunk's, by the policy's rewriting."
)
@options.as_json
def number(raw: tuple[str, ...], country: str | None, policy: str | None, trunk: str, as_json: bool) -> None:
    """Show which numbers raw caller IDs are.

    One result a line: kind (e164, internal, short, emergency, withheld, malformed), canonical number, country,
    what was written. Without RAW, one number a line is read from standard input.

    \b
    Examples:
      asterisk-router number --country SK "02/5550 0100" anonymous
      asterisk-router number --policy shop --json +421255501OO
      cut -d, -f3 cdr.csv | asterisk-router number --country SK
    """
    from .. import numbers

    plan = options.plan_of(country, policy)
    written = numbers.as_json if as_json else numbers.as_row
    lines = [[os.fsencode(text).decode("utf-8", "replace") for text in raw]] if raw else None
    if lines is None and sys.stdin.isatty():
        click.echo("one number a line, Ctrl-D ends", err=True)
    out = sys.stdout
    for block in lines or numbers.blocks_of_lines(sys.stdin.buffer):
        results = numbers.normalise_lines(lambda text: plan.normalise(text, "", trunk), block, written)
        out.write("".join(f"{result}\n" for result in results))
        out.flush()
