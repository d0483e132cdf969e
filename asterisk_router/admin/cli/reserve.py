"""`asterisk-router reserve`: agents who help out when a queue needs them."""

from __future__ import annotations

from typing import Any

import click

from ...errors import RouterError
from . import options, tables
from .queue import pbx_option

HEADERS = ("PBX", "Reserve", "Agent", "Queue", "State", "By", "Asked first")


@click.group()
def reserve() -> None:
    """Pull reserve agents into a queue and release them."""


@reserve.command("list")
@pbx_option
@options.store
@options.as_json
def list_reserves(pbx: str, place: options.StorePlace, as_json: bool) -> None:
    """List the reserve agents of the policy in force: away, asked or in, and who or what pulled them in.

    \b
    Example:
      asterisk-router reserve list --json
    """
    from .. import queues, reserves

    rows = reserves.reserves_of(place.do(lambda shared: queues.boards_of(shared.boards, pbx)))
    if as_json:
        tables.print_json([row._asdict() for row in rows])
    else:
        tables.print_table(HEADERS, [row._replace(why=row.why or "-") for row in rows], "reserve agent")


@reserve.command()
@click.argument("whom", metavar="AGENT|RESERVE")
@click.argument("queue", metavar="[QUEUE]", default="")
@click.option(
    "--ask/--no-ask", default=None, help="Ring the agent first, they join when they press 1; else as the policy says."
)
@pbx_option
@options.store
@options.as_json
def pull(whom: str, queue: str, ask: bool | None, pbx: str, place: options.StorePlace, as_json: bool) -> None:
    """Put an agent (a name of the policy, or an interface) into QUEUE, or a whole reserve of the policy by its name.

    Agents of a reserve with `ask = true` are rung first, unless --no-ask is given. Exit code 1 when anybody was not
    pulled in or rung, and why.

    \b
    Examples:
      asterisk-router reserve pull anna sales
      asterisk-router reserve pull PJSIP/dora sales --ask
      asterisk-router reserve pull second-row
    """
    from ..asked.line import ReservePull

    _print_done(place.ask(ReservePull(whom, queue, ask, pbx)), whom, as_json)


@reserve.command()
@click.argument("whom", metavar="AGENT|RESERVE")
@click.argument("queue", metavar="[QUEUE]", default="")
@pbx_option
@options.store
@options.as_json
def release(whom: str, queue: str, pbx: str, place: options.StorePlace, as_json: bool) -> None:
    """Take an agent off QUEUE again, or a whole reserve off its own; conversations go on.

    Exit code 1 when anybody was not, and why.

    \b
    Examples:
      asterisk-router reserve release anna sales
      asterisk-router reserve release second-row
    """
    from ..asked.line import ReserveRelease

    _print_done(place.ask(ReserveRelease(whom, queue, pbx)), whom, as_json)


def _print_done(moved: list[dict[str, Any]], whom: str, as_json: bool) -> None:
    if not moved and not as_json:
        click.echo(f"nothing to do: everybody of {whom} is there already")
    if as_json:
        tables.print_json(moved)
    said = [(move["done"], f"{move['agent']} in {move['queue']} of {move['pbx']}: {move['said']}") for move in moved]
    for done, text in said:
        if done and not as_json:
            tables.say(f"{text}done" if text.endswith(": ") else text)
    refused = [text for done, text in said if not done]
    if refused:
        raise RouterError("\n".join(refused))
