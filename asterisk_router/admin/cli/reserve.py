"""`asterisk-router reserve`: agents who help out when a queue needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import RouterError
from . import options, tables
from .queue import pbx_option

if TYPE_CHECKING:
    from ...queues.acts import Done
    from ..ports import Shared
    from ..reserves import Move

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
    from .. import queues, reserves
    from ..people.acting import Act

    async def act(shared: Shared) -> list[tuple[Move, Done]]:
        moves = reserves.moves_of(await queues.boards_of(shared.boards, pbx), whom, queue, done=("in", "asked"))
        return await reserves.pull(shared.requests, moves, ask, options.who())

    _print_done(place.act(Act("reserve pull", subject=whom, detail=queue), act), whom, as_json)


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
    from .. import queues, reserves
    from ..people.acting import Act

    async def act(shared: Shared) -> list[tuple[Move, Done]]:
        moves = reserves.moves_of(await queues.boards_of(shared.boards, pbx), whom, queue, done=("away",))
        return await reserves.release(shared.requests, moves, options.who())

    _print_done(place.act(Act("reserve release", subject=whom, detail=queue), act), whom, as_json)


def _print_done(moved: list[tuple[Move, Done]], whom: str, as_json: bool) -> None:
    if not moved and not as_json:
        click.echo(f"nothing to do: everybody of {whom} is there already")
    if as_json:
        rows = [
            {"pbx": move.pbx, "agent": move.agent, "queue": move.queue, "done": done.ok, "said": done.said}
            for move, done in moved
        ]
        tables.print_json(rows)
    for move, done in moved:
        if done.ok and not as_json:
            tables.say(f"{move.agent} in {move.queue} of {move.pbx}: {done.said or 'done'}")
    refused = [f"{move.agent} in {move.queue} of {move.pbx}: {done.said}" for move, done in moved if not done.ok]
    if refused:
        raise RouterError("\n".join(refused))
