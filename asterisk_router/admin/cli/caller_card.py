"""`asterisk-router caller card`: who is calling, for an agent's screen."""

from __future__ import annotations

import time
from typing import Any

import click

from . import options, tables


@click.command("card")
@click.argument("number")
@options.callers
@options.as_json
def show_card(number: str, place: options.CallerPlace, as_json: bool) -> None:
    """Show the card of the caller behind NUMBER: who they are, what is open, tags that count, calls, a call-back owed.

    Somebody never seen has a card too, with `known` false: an agent's screen asks at every call.

    \b
    Example:
      asterisk-router caller card +42125550100 --json
    """
    from ..callers import targets
    from ..callers.card import card

    key = targets.number_key(place.plan(), number)
    shown = place.store.do(lambda shared: card(shared.book, shared.call_backs, key, int(time.time())))
    if as_json:
        tables.print_json(shown)
    else:
        _print_card(shown)


def _print_card(card: dict[str, Any]) -> None:
    from ..moments import as_moment

    history, call_back = card["history"], card["call_back"]
    owed = f"{call_back['reason']}, since {as_moment(int(call_back['since_s']))}" if call_back else ""
    tables.print_facts(
        [
            ("Numbers", tuple(card["numbers"])),
            ("Name", card["name"] or ("-" if card["known"] else "never seen")),
            ("Value", card["value"]),
            ("Orders", card["orders"]),
            ("Language", card["language"]),
            ("Own agent", card["own_agent"]),
            ("Open", tuple(card["open_matters"])),
            ("Call-back", owed),
            ("Calls", history["calls"]),
            ("Missed since answer", history["missed_since_answer"]),
            ("Last agent", history["last_agent"]),
        ]
    )
    if history["recent"]:
        click.echo()
        rows = [(as_moment(past["at_s"]), past["line"], past["outcome"]) for past in history["recent"]]
        tables.print_table(("Rang", "Line", "Outcome"), rows, "call")
    if card["tags"]:
        click.echo()
        tags = [(tag["name"], tag["on"], tag["author"] or "-", tag["evidence"] or "-") for tag in card["tags"]]
        tables.print_table(("Tag", "On", "Author", "Evidence"), tags, "tag")
