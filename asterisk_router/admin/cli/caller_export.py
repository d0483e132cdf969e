"""`asterisk-router caller export`: everything that is kept of a person."""

from __future__ import annotations

import click

from . import options, tables


@click.command("export")
@click.argument("number")
@options.callers
@click.option("--json", "as_json", is_flag=True, help="Accepted for uniformity: it is JSON in any case.")
def export_caller(number: str, place: options.CallerPlace, as_json: bool) -> None:
    """Print everything that is kept of the person behind NUMBER, as JSON: for them, when they ask.

    Their record with tags and evidence, history, every call in the registry with the facts that were seen, call-backs,
    and what people did to their record. Exit code 1 if there is nothing.

    \b
    Example:
      asterisk-router caller export +42125550100
    """
    from ..asked.callers import CallerExport
    from ..callers import targets

    tables.print_json(place.ask(CallerExport(targets.number_key(place.plan(), number))))
