"""What is asked for about the line: who waits is moved or taken out, reserve agents are pulled in and released."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .. import queues, reserves
from ..people.acting import Act

if TYPE_CHECKING:
    from ...queues.acts import Done
    from ..people.roles import Person
    from ..reserves import Move
    from .wish import ActContext


class QueuePromote(NamedTuple):
    """`queue promote`."""

    caller: str
    """Who waits, as a person named them: a uniqueid, a number, a place such as `sales:3`."""
    key: str
    """The same, canonical where it is a number."""
    pbx: str
    """Only on this PBX; empty for any."""
    head_start_s: int
    """Their head start from now on."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """Who it was, and what became of it."""

        async def work() -> dict[str, Any]:
            waiting = await _waiting(context, self.caller, self.key, self.pbx)
            done = await queues.promote(context.shared.requests, waiting, self.head_start_s, person.name)
            return {**waiting._asdict(), "done": done.ok, "said": done.said}

        act = Act("queue promote", *_whom(self.caller, self.key), f"{self.head_start_s} s")
        return await context.do(person, act, work)


class QueueWithdraw(NamedTuple):
    """`queue withdraw`."""

    caller: str
    """Who waits, as a person named them: a uniqueid, a number, a place such as `sales:3`."""
    key: str
    """The same, canonical where it is a number."""
    pbx: str
    """Only on this PBX; empty for any."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """Who it was, and what became of it."""

        async def work() -> dict[str, Any]:
            waiting = await _waiting(context, self.caller, self.key, self.pbx)
            done = await queues.withdraw(context.shared.requests, waiting, person.name)
            return {**waiting._asdict(), "done": done.ok, "said": done.said}

        return await context.do(person, Act("queue withdraw", *_whom(self.caller, self.key)), work)


class ReservePull(NamedTuple):
    """`reserve pull`."""

    whom: str
    """An agent, or a reserve of the policy."""
    queue: str
    """Into which; empty for the reserve's own."""
    ask: bool | None
    """Whether the agents are rung first; None as the policy says."""
    pbx: str
    """Only on this PBX; empty for any."""

    async def carry_out(self, context: ActContext, person: Person) -> list[dict[str, Any]]:
        """What became of each agent."""

        async def work() -> list[tuple[Move, Done]]:
            boards = await queues.boards_of(context.shared.boards, self.pbx)
            moves = reserves.moves_of(boards, self.whom, self.queue, done=("in", "asked"))
            return await reserves.pull(context.shared.requests, moves, self.ask, person.name)

        return _told(await context.do(person, Act("reserve pull", subject=self.whom, detail=self.queue), work))


class ReserveRelease(NamedTuple):
    """`reserve release`."""

    whom: str
    """An agent, or a reserve of the policy."""
    queue: str
    """Off which; empty for the reserve's own."""
    pbx: str
    """Only on this PBX; empty for any."""

    async def carry_out(self, context: ActContext, person: Person) -> list[dict[str, Any]]:
        """What became of each agent."""

        async def work() -> list[tuple[Move, Done]]:
            boards = await queues.boards_of(context.shared.boards, self.pbx)
            moves = reserves.moves_of(boards, self.whom, self.queue, done=("away",))
            return await reserves.release(context.shared.requests, moves, person.name)

        return _told(await context.do(person, Act("reserve release", subject=self.whom, detail=self.queue), work))


def _whom(caller: str, key: str) -> tuple[str, str]:
    """The number of the caller meant, for the record; an empty text and the words used, where those are no number."""
    return (key or caller, "") if not caller.strip("+0123456789 ()/-") else ("", caller)


async def _waiting(context: ActContext, caller: str, key: str, pbx: str) -> queues.Waiting:
    return queues.find_waiting(await queues.boards_of(context.shared.boards, pbx), caller, key)


def _told(moved: list[tuple[Move, Done]]) -> list[dict[str, Any]]:
    return [
        {"pbx": move.pbx, "agent": move.agent, "queue": move.queue, "done": done.ok, "said": done.said}
        for move, done in moved
    ]
