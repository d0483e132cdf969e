"""Reserve agents: who can help out in which queue, pulled in and released by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import RouterError
from ..queues.requests import PullReserve, ReleaseReserve
from .queues import check_named, queues_of

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
        )
        for seen in boards
        for row in seen.board.get("reserves", [])
    ]


def pbx_of(boards: Iterable[SeenBoard], queue: str) -> str:
    """The PBX that has the queue; raises RouterError for none, and for several: then one has to be named."""
    seen_boards = list(boards)
    check_named(seen_boards, queue)
    names = [seen.board["pbx"] for seen in seen_boards if queues_of(seen, queue)]
    if len(names) == 1:
        return names[0]
    if not names:
        raise RouterError(f"no line that is known has a queue {queue!r}", remedy="asterisk-router queue show says why")
    raise RouterError(f"{' and '.join(names)} have a queue {queue!r}", remedy="name one by --pbx")


async def pull(requests: Requests, pbx: str, agent: str, queue: str, ask: bool, author: str) -> Done:
    """Put an agent into a queue, after they agreed on their telephone where `ask` says so."""
    return await requests.ask(pbx, PullReserve(agent, queue, ask), author)


async def release(requests: Requests, pbx: str, agent: str, queue: str, author: str) -> Done:
    """Take an agent who helps out off the queue again."""
    return await requests.ask(pbx, ReleaseReserve(agent, queue), author)
