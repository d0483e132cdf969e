"""Reserve agents: who can help out in which queue, pulled in and released by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import RouterError
from ..policy.file.words import nearest
from ..queues.requests import PullReserve, ReleaseReserve
from .queues import check_named, name_of, queues_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..queues.acts import Done
    from ..queues.shared_board import SeenBoard
    from .ports import Requests


class ReserveAgent(NamedTuple):
    """One reserve agent of one queue of one PBX."""

    pbx: str
    """The PBX."""
    reserve: str
    """Name of the policy's `[[reserve]]`."""
    agent: str
    """By name in the policy."""
    queue: str
    """By its name in the policy."""
    state: str
    """`away`, `asked`, `in`, or `unknown` where the line is not heard."""
    why: str
    """Who or what pulled them in."""
    ask: bool
    """Whether the policy has them rung first."""


def reserves_of(boards: Iterable[SeenBoard]) -> list[ReserveAgent]:
    """Every reserve agent on the boards."""
    return [
        ReserveAgent(
            seen.board["pbx"],
            row["reserve"],
            row["agent"],
            row["queue"],
            row["state"] if seen.known else "unknown",
            row["why"] if seen.known else "",
            row.get("ask", False),
        )
        for seen in boards
        for row in seen.board.get("reserves", [])
    ]


class Move(NamedTuple):
    """One agent to be put into one queue, or taken off it."""

    pbx: str
    """The PBX."""
    agent: str
    """By name in the policy, or an interface."""
    queue: str
    """By its name in the policy, or in Asterisk."""
    ask: bool = False
    """Whether the policy has them rung first, where they are a reserve agent of that queue."""


def moves_of(boards: Iterable[SeenBoard], whom: str, queue: str, *, done: tuple[str, ...]) -> list[Move]:
    """Who is meant: that agent in that queue; without a queue a reserve by its name, or an agent wherever they are one.

    Of a reserve those whose state is in `done` already are left out. Raises RouterError for nobody of that name, and
    where several PBXs have the queue: then one has to be named.
    """
    seen_boards = list(boards)
    rows = reserves_of(seen_boards)
    if queue:
        seen = _board_with(seen_boards, queue)
        pbx, names = seen.board["pbx"], {queue, name_of(seen, queue)}
        asks = any(row.ask for row in rows if (row.pbx, row.agent) == (pbx, whom) and row.queue in names)
        return [Move(pbx, whom, queue, asks)]
    meant = [row for row in rows if whom in (row.reserve, row.agent)]
    if not meant:
        near = nearest(whom, [name for row in rows for name in (row.reserve, row.agent)])
        raise RouterError(f"{whom!r} is no reserve and no reserve agent", remedy=f"{near}; or name a queue")
    places = dict.fromkeys((row.pbx, row.agent, row.queue) for row in meant if row.state not in done)
    asking = {(row.pbx, row.agent, row.queue) for row in meant if row.ask}
    return [Move(*place, place in asking) for place in places]


def _board_with(seen_boards: list[SeenBoard], queue: str) -> SeenBoard:
    check_named(seen_boards, queue)
    having = [seen for seen in seen_boards if queues_of(seen, queue)]
    if len(having) == 1:
        return having[0]
    if not having:
        raise RouterError(f"no line that is known has a queue {queue!r}", remedy="asterisk-router queue show says why")
    names = " and ".join(seen.board["pbx"] for seen in having)
    raise RouterError(f"{names} have a queue {queue!r}", remedy="name one by --pbx")


async def pull(requests: Requests, moves: Iterable[Move], ask: bool | None, author: str) -> list[tuple[Move, Done]]:
    """Put agents into queues, after each agreed on their telephone where `ask` says so; what became of each.

    None leaves it to the policy.
    """
    wishes = [(move, PullReserve(move.agent, move.queue, move.ask if ask is None else ask)) for move in moves]
    return [(move, await requests.ask(move.pbx, wish, author)) for move, wish in wishes]


async def release(requests: Requests, moves: Iterable[Move], author: str) -> list[tuple[Move, Done]]:
    """Take agents who help out off their queues again; what became of each."""
    wishes = [(move, ReleaseReserve(move.agent, move.queue)) for move in moves]
    return [(move, await requests.ask(move.pbx, wish, author)) for move, wish in wishes]
