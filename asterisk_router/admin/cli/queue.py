"""`asterisk-router queue`: the line right now, and who waits there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import RouterError
from . import options, tables

if TYPE_CHECKING:
    from ..ports import Shared

STATES = ("free", "ringing", "talking", "wrap-up", "paused", "unreachable")
"""What agents do, in the order of the columns."""

QUEUE_HEADERS = ("Queue", *map(str.capitalize, STATES), "Waiting", "Longest", "Expected", "Pressure")
CALLER_HEADERS = ("Queue", "Place", "Waited", "Head start", "Rank", "Expected", "Class", "Number", "Name", "Uniqueid")
AGENT_HEADERS = ("Queue", "Agent", "Interface", "State", "Why", "Penalty", "Calls")

NEVER_S = 86_400
"""The longest wait that is ever expected (`queues/expected_wait`)."""

pbx_option = click.option("--pbx", default="", metavar="NAME", help="Only this PBX, as --ami of the daemon names it.")


@click.group()
def queue() -> None:
    """Watch the queues, move callers forward, take them out."""


@queue.command()
@click.argument("name", metavar="[QUEUE]", default="")
@pbx_option
@click.option("--watch", is_flag=True, help="Again every second until Ctrl-C.")
@options.store
@options.as_json
def show(name: str, pbx: str, watch: bool, place: options.StorePlace, as_json: bool) -> None:
    """Show agents and waiting callers of every queue, or of QUEUE with each agent.

    A PBX that is not heard is `unknown`, and why; an expected wait of `never` means that nobody is logged in. Exit code
    1 when no daemon publishes anything.

    \b
    Examples:
      asterisk-router queue show
      asterisk-router queue show sales --watch
      asterisk-router queue show --pbx berlin --json
    """
    from .. import queues
    from .watching import watch as watched

    async def act(shared: Shared) -> None:
        async def once() -> None:
            seen = await queues.boards_of(shared.boards, pbx)
            queues.check_named(seen, name)
            plain = [queues.as_plain(each, name) for each in seen]
            if as_json:
                (tables.print_json_line if watch else tables.print_json)(plain)
            else:
                _print_boards(plain, agents=bool(name))

        await (watched(once) if watch else once())

    place.do(act)


@queue.command()
@click.argument("caller")
@click.option("--head-start", required=True, metavar="SPAN", help="Waiting granted in advance: 90s, 8m, 1h.")
@pbx_option
@options.callers
@options.as_json
def promote(caller: str, head_start: str, pbx: str, place: options.CallerPlace, as_json: bool) -> None:
    """Give a waiting CALLER another head start, and their new place in the queue at once.

    CALLER is a uniqueid, a number, or a place such as sales:3. Exit code 1 when it was not done, and why.

    \b
    Examples:
      asterisk-router queue promote sales:3 --head-start 8m
      asterisk-router queue promote +42125550100 --head-start 1h
    """
    from ...policy.file.words import seconds_of
    from ..asked.line import QueuePromote

    head_start_s = seconds_of(head_start)
    if head_start_s is None:
        raise click.BadParameter("write it as 90s, 8m or 1h", param_hint="--head-start")

    _print_done(place.ask(QueuePromote(caller, place.plan().normalise(caller).key, pbx, head_start_s)), as_json)


@queue.command()
@click.argument("caller")
@pbx_option
@options.callers
@options.as_json
def withdraw(caller: str, pbx: str, place: options.CallerPlace, as_json: bool) -> None:
    """Take a waiting CALLER out of the queue: they are offered a call-back.

    CALLER is a uniqueid, a number, or a place such as sales:3. Exit code 1 when it was not done, and why.

    \b
    Example:
      asterisk-router queue withdraw sales:3
    """
    from ..asked.line import QueueWithdraw

    _print_done(place.ask(QueueWithdraw(caller, place.plan().normalise(caller).key, pbx)), as_json)


def _print_done(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        tables.print_json(told)
    elif told["done"]:
        tables.say(f"{told['uniqueid']} in {told['queue']}: {told['said'] or 'done'}")
    if not told["done"]:
        raise RouterError(told["said"])


def _print_boards(boards: list[dict[str, Any]], agents: bool) -> None:
    for number, board in enumerate(boards):
        if number:
            click.echo()
        pbx, why = board["pbx"], board["why"].removeprefix(f"{board['pbx']} ")
        tables.say(f"{pbx}, {board['age_s']} s old" if board["known"] else f"{pbx}, unknown: {why}")
        if not board["known"]:
            continue
        tables.print_table(QUEUE_HEADERS, map(_queue_row, board["queues"]), "queue")
        callers = [_caller_row(queue, caller) for queue in board["queues"] for caller in queue["callers"]]
        if callers:
            click.echo()
            tables.print_table(CALLER_HEADERS, callers, "caller")
        if agents:
            click.echo()
            rows = [_agent_row(queue, member) for queue in board["queues"] for member in queue["members"]]
            tables.print_table(AGENT_HEADERS, rows, "agent")


def _queue_row(queue: dict[str, Any]) -> tuple[object, ...]:
    from ..moments import as_span

    states = [member["state"] for member in queue["members"]]
    return (
        queue["policy_name"],
        *(states.count(state) for state in STATES),
        queue["waiting"],
        as_span(queue["longest_wait_s"]),
        _expected(queue["expected_wait_s"]),
        queue["pressure"] or "unknown",
    )


def _caller_row(queue: dict[str, Any], caller: dict[str, Any]) -> tuple[object, ...]:
    from ..moments import as_span

    return (
        queue["policy_name"],
        caller["position"],
        as_span(caller["waited_s"]),
        as_span(caller["head_start_s"]),
        as_span(caller["rank_s"]),
        _expected(caller["expected_wait_s"]),
        caller["caller_class"] or "-",
        caller["number"] or "-",
        caller["name"] or "-",
        caller["uniqueid"],
    )


def _expected(wait_s: float | None) -> str:
    """An expected wait; `never` stands for a day, which is what it is where nobody is logged in."""
    from ..moments import as_span

    return "never" if wait_s is not None and wait_s >= NEVER_S else as_span(wait_s)


def _agent_row(queue: dict[str, Any], member: dict[str, Any]) -> tuple[object, ...]:
    return (
        queue["policy_name"],
        member["name"] or "-",
        member["interface"],
        member["state"],
        member["paused_reason"] or "-",
        member["penalty"],
        member["calls_taken"],
    )
