"""`asterisk-router caller`: what is known of callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import options, tables, tag_rows
from .caller_card import show_card
from .caller_export import export_caller
from .caller_forget import forget
from .caller_import import import_callers

if TYPE_CHECKING:
    from ...callers.caller import Caller


@click.group()
def caller() -> None:
    """Show, set, import, export and forget callers."""


caller.add_command(import_callers)
caller.add_command(show_card)
caller.add_command(forget)
caller.add_command(export_caller)


@caller.command()
@click.argument("number")
@options.callers
@options.as_json
def show(number: str, place: options.CallerPlace, as_json: bool) -> None:
    """Show the caller behind NUMBER, their tags and their calls; exit code 1 if there is none.

    \b
    Example:
      asterisk-router caller show +42125550100
    """
    from ..callers import targets

    key = targets.number_key(place.plan(), number)
    found = place.do(lambda book: book.show(key))
    if not found.numbers:
        raise click.ClickException(f"nobody is known under {key}")
    _print_caller(found, as_json)


@caller.command("set")
@click.argument("number")
@click.option("--name", help="Name for the agent's screen.")
@click.option("--value", type=int, help="Revenue so far, in whole units of your currency.")
@click.option("--orders", type=click.IntRange(0), help="How many orders they placed.")
@click.option("--language", help="Language to speak with them, as Asterisk writes it: sk, en_GB.")
@click.option("--own-agent", help="Their account manager, by name in the policy's [agents].")
@click.option(
    "--open-matter",
    "open_matters",
    multiple=True,
    metavar="WORD",
    help="All that is open with them now: incident, complaint, deal; '' for nothing.",
)
@click.option("--number", "more", multiple=True, metavar="NUMBER", help="One more number of the same person.")
@options.callers
@options.as_json
def set_caller(
    number: str,
    open_matters: tuple[str, ...],
    more: tuple[str, ...],
    place: options.CallerPlace,
    as_json: bool,
    **known: Any,
) -> None:
    """Set what is known of the caller behind NUMBER; what is not named stays as it is.

    \b
    Examples:
      asterisk-router caller set +42125550100 --name "Anna Nova" --value 5200 --own-agent anna
      asterisk-router caller set +42125550100 --open-matter incident --number +42125550101
    """
    from ..asked.callers import CallerSet
    from ..callers import targets

    plan = place.plan()
    wish = CallerSet(
        key=targets.number_key(plan, number),
        **known,
        open_matters=tuple(filter(None, open_matters)) if open_matters else None,
        more_numbers=tuple(targets.number_key(plan, another) for another in more),
    )
    _print_caller(caller_of(place.ask(wish)), as_json)


def caller_of(plain: dict[str, Any]) -> Caller:
    """The record in what an act told of it."""
    from ...callers.caller import Caller, History, PastCall, Tag

    lists = {name: tuple(value) for name, value in plain.items() if isinstance(value, (list, tuple))}
    recent = tuple(PastCall(**past) for past in plain["history"]["recent"])
    history = History(**{**plain["history"], "recent": recent})
    tags = tuple(Tag(**tag) for tag in plain["tags"])
    return Caller(**{**plain, **lists, "tags": tags, "history": history})


def _print_caller(found: Caller, as_json: bool) -> None:
    from ..moments import as_moment

    if as_json:
        tables.print_json(tables.as_plain(found))
        return
    history = found.history
    tables.print_facts(
        [
            ("Numbers", found.numbers),
            ("Name", found.name),
            ("Value", found.value),
            ("Orders", found.orders),
            ("Language", found.language),
            ("Own agent", found.own_agent),
            ("Open", found.open_matters),
            ("Calls", history.calls),
            ("First call", as_moment(history.first_at_s)),
            ("Last call", as_moment(history.last_at_s)),
            ("Last agent", history.last_agent),
        ]
    )
    if history.recent:
        click.echo()
        rows = [(as_moment(past.at_s), past.line, past.outcome) for past in reversed(history.recent)]
        tables.print_table(("Rang", "Line", "Outcome"), rows, "call")
    if found.tags:
        click.echo()
        tables.print_table(tag_rows.HEADERS, [tag_rows.row_of(tag) for tag in found.tags], "tag")
