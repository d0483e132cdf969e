"""`asterisk-router callbacks`: whom to call back, and who does it."""

from __future__ import annotations

import time
from typing import Any

import click

from . import options, tables

HEADERS = (
    "Rank", "Number", "Name", "Class", "Value", "Queue", "Why", "Missed", "Since", "Attempts", "Owner", "Next", "Note"
)  # fmt: skip
CLOSED_HEADERS = ("Closed", "Number", "Name", "Class", "Missed", "Since", "Attempts", "Why", "By")

MOST_CLOSED = 1000

as_whom = click.option("--as", "owner", metavar="NAME", default=options.who, show_default="you", help="For whom.")


@click.group()
def callbacks() -> None:
    """See whom to call back, take one, open and close one."""


@callbacks.command("list")
@click.option("--queue", default="", metavar="NAME", help="Only of that queue, as the policy calls it.")
@click.option("--due", is_flag=True, help="Only those whom somebody may call now.")
@click.option("--closed", is_flag=True, help="Those settled of late, newest first, and how.")
@options.store
@options.as_json
def list_callbacks(queue: str, due: bool, closed: bool, place: options.StorePlace, as_json: bool) -> None:
    """List open call-backs, one a person, whoever is to be called first at the front.

    The order is that of the head start of the class (who asked for the call-back has waited besides), then of the
    value, then of age. Next is when the next attempt may be made; an owner has it in hand until then.

    \b
    Examples:
      asterisk-router callbacks list
      asterisk-router callbacks list --queue sales --due --json
      asterisk-router callbacks list --closed
    """
    from .. import call_backs

    now_s = time.time()
    if closed:
        settled = place.do(lambda shared: shared.call_backs.closed(MOST_CLOSED))
        rows = [call_backs.closed_as_plain(each) for each in settled if queue in ("", each.entry.queue)]
    else:
        entries = place.do(lambda shared: call_backs.listed(shared.call_backs, now_s, queue=queue, due=due))
        rows = [{"rank": rank, **call_backs.as_plain(entry, now_s)} for rank, entry in enumerate(entries, 1)]
    if as_json:
        tables.print_json(rows)
    elif closed:
        tables.print_table(CLOSED_HEADERS, map(_closed_row, rows), "settled call-back")
    else:
        tables.print_table(HEADERS, map(_row, rows), "call-back")


@callbacks.command()
@click.argument("number")
@click.option("--for", "span", default="15m", show_default=True, metavar="SPAN", help="For how long: 90s, 15m, 1h.")
@as_whom
@options.callers
@options.as_json
def take(number: str, span: str, owner: str, place: options.CallerPlace, as_json: bool) -> None:
    """Take the call-back of the person behind NUMBER: nobody else will call them meanwhile. Again: prolong it.

    Exit code 1 when none is open or somebody else has it, and who.

    \b
    Examples:
      asterisk-router callbacks take +42125550100
      asterisk-router callbacks take +42125550100 --for 1h --as anna
    """
    from ...policy.file.words import seconds_of
    from ..asked.call_backs import CallBackTake
    from ..callers import targets

    for_s = seconds_of(span)
    if not for_s:
        raise click.BadParameter("write it as 90s, 15m or 1h", param_hint="--for")
    taken = place.ask(CallBackTake(targets.number_key(place.plan(), number), owner, for_s))
    _print_one(taken, f"is taken by {owner} for {span}", as_json)


@callbacks.command()
@click.argument("number")
@as_whom
@options.callers
@options.as_json
def release(number: str, owner: str, place: options.CallerPlace, as_json: bool) -> None:
    """Give a call-back back, so that anybody may take it. Exit code 1 when none is open or somebody else has it.

    \b
    Example:
      asterisk-router callbacks release +42125550100 --as anna
    """
    from ..asked.call_backs import CallBackRelease
    from ..callers import targets

    released = place.ask(CallBackRelease(targets.number_key(place.plan(), number), owner))
    _print_one(released, "is free again", as_json)


@callbacks.command()
@click.argument("number")
@click.option("--why", required=True, metavar="TEXT", help="What settled it; kept for `list --closed`.")
@as_whom
@options.callers
@options.as_json
def close(number: str, why: str, owner: str, place: options.CallerPlace, as_json: bool) -> None:
    """Settle the call-back of the person behind NUMBER without a call; exit code 1 when none is open.

    A conversation with them, in either direction, closes it by itself.

    \b
    Example:
      asterisk-router callbacks close +42125550100 --why "answered by mail"
    """
    from ..asked.call_backs import CallBackClose
    from ..callers import targets

    closed = place.ask(CallBackClose(targets.number_key(place.plan(), number), why, owner))
    _print_one(closed, "is closed", as_json)


@callbacks.command("open")
@click.argument("number")
@click.option("--queue", required=True, metavar="NAME", help="Whose agents call back, as the policy calls the queue.")
@click.option("--note", default="", metavar="TEXT", help="What it is about.")
@options.callers
@options.as_json
def open_one(number: str, queue: str, note: str, place: options.CallerPlace, as_json: bool) -> None:
    """Open a call-back for somebody who asked for it otherwise than by a call, as if they had asked by key now.

    One that is open is joined. It lives as long as --policy says, else three days.

    \b
    Example:
      asterisk-router callbacks open +42125550100 --queue sales --note "asked on the web page"
    """
    from ...policy.call_back_rules import CallBackRules
    from ..asked.call_backs import CallBackOpen
    from ..callers import targets

    terms = options.ports().load_policy(place.policy).call_back_rules if place.policy else CallBackRules()
    opened = place.ask(CallBackOpen(targets.number_key(place.plan(), number), queue, note, terms.expire_s))
    _print_one(opened, "is open", as_json)


def _print_one(entry: dict[str, Any], said: str, as_json: bool) -> None:
    if as_json:
        tables.print_json(entry)
    else:
        who = f"{entry['name']} ({entry['number']})" if entry["name"] else entry["number"]
        tables.say(f"the call-back of {who} {said}")


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    from ..moments import as_moment

    later_s = row["owned_until_s"] if row["owner"] else row["next_attempt_at_s"]
    return (
        row["rank"],
        row["number"],
        row["name"] or "-",
        row["class"] or "-",
        row["value"],
        row["queue"] or "-",
        row["reason"],
        row["missed"],
        as_moment(int(row["since_s"])),
        row["attempts"],
        row["owner"] or "-",
        "now" if row["due"] else as_moment(int(later_s)),
        row["note"] or "-",
    )


def _closed_row(row: dict[str, Any]) -> tuple[object, ...]:
    from ..moments import as_moment

    return (
        as_moment(int(row["closed_at_s"])),
        row["number"],
        row["name"] or "-",
        row["class"] or "-",
        row["missed"],
        as_moment(int(row["since_s"])),
        row["attempts"],
        row["why"],
        row["by"] or "-",
    )
