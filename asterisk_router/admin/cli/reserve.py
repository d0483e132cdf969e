"""`asterisk-router reserve`: agents who help out when a queue needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options, tables
from .queue import pbx_option

if TYPE_CHECKING:
    from ...queues.acts import Done
    from ..ports import Shared

HEADERS = ("PBX", "Reserve", "Agent", "Queue", "State", "By")


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
@click.argument("agent")
@click.argument("queue")
@click.option("--ask", is_flag=True, help="Ring the agent first; they join when they press 1.")
@pbx_option
@options.store
@options.as_json
def pull(agent: str, queue: str, ask: bool, pbx: str, place: options.StorePlace, as_json: bool) -> None:
    """Put AGENT (a name of the policy, or an interface) into QUEUE. Exit code 1 when it was not done, and why.

    \b
    Examples:
      asterisk-router reserve pull anna sales
      asterisk-router reserve pull PJSIP/dora sales --ask
    """
    from .. import reserves

    async def act(shared: Shared) -> tuple[str, Done]:
        where = await _pbx(shared, pbx, queue)
        return where, await reserves.pull(shared.requests, where, agent, queue, ask, options.who())

    where, done = place.do(act)
    _print_done(where, agent, queue, done, as_json)


@reserve.command()
@click.argument("agent")
@click.argument("queue")
@pbx_option
@options.store
@options.as_json
def release(agent: str, queue: str, pbx: str, place: options.StorePlace, as_json: bool) -> None:
    """Take AGENT off QUEUE again; a conversation goes on. Exit code 1 when it was not done, and why.

    \b
    Example:
      asterisk-router reserve release anna sales
    """
    from .. import reserves

    async def act(shared: Shared) -> tuple[str, Done]:
        where = await _pbx(shared, pbx, queue)
        return where, await reserves.release(shared.requests, where, agent, queue, options.who())

    where, done = place.do(act)
    _print_done(where, agent, queue, done, as_json)


async def _pbx(shared: Shared, pbx: str, queue: str) -> str:
    from .. import queues, reserves

    return reserves.pbx_of(await queues.boards_of(shared.boards, pbx), queue)


def _print_done(pbx: str, agent: str, queue: str, done: Done, as_json: bool) -> None:
    if as_json:
        tables.print_json({"pbx": pbx, "agent": agent, "queue": queue, "done": done.ok, "said": done.said})
    elif done.ok:
        click.echo(f"{agent} in {queue} of {pbx}: {done.said or 'done'}")
    if not done.ok:
        raise click.ClickException(done.said)
