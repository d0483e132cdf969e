"""Lines as tests need them, made of the events that make them in a daemon."""

from __future__ import annotations

from asterisk_router.queues.ageing import EPOCH_S
from asterisk_router.queues.events import AgentConnected, AgentRung, CallerListed, LineListed, MemberListed, QueueListed
from asterisk_router.queues.live_line import LiveLine

NOW_S = EPOCH_S + 25_000_000.0
"""When everything in these tests happens."""


def caller(uniqueid: str, head_start_s: int = 0, waited_s: int = 0, **other: int) -> CallerListed:
    """One who waits, with the priority our dialplan computes unless another is given."""
    priority = other.get("priority", head_start_s + waited_s - int(NOW_S - EPOCH_S))
    return CallerListed(uniqueid, f"PJSIP/{uniqueid}", 0, waited_s, priority)


def agent(name: str, status: int = 1, **other: bool | int | str) -> MemberListed:
    """One who is called `PJSIP/NAME`."""
    return MemberListed(f"PJSIP/{name}", name, status=status)._replace(**other)


def queue(name: str, members: tuple[MemberListed, ...] = (), waiting: tuple[CallerListed, ...] = ()) -> QueueListed:
    """One queue, its callers in the order given."""
    placed = tuple(each._replace(position=place) for place, each in enumerate(waiting, 1))
    return QueueListed(name, members, placed)


def line(*queues: QueueListed) -> LiveLine:
    """A line that has just been listed."""
    made = LiveLine("berlin")
    made.apply(LineListed(queues), NOW_S)
    made.heard(NOW_S)
    return made


def rings(made: LiveLine, queue_name: str, uniqueid: str, name: str) -> None:
    """The agent's telephone rings for that caller."""
    made.apply(AgentRung(queue_name, uniqueid, f"PJSIP/{name}", name), NOW_S)


def talks(made: LiveLine, queue_name: str, uniqueid: str, name: str, since_s: float = NOW_S) -> None:
    """The agent talks with that caller."""
    made.apply(AgentConnected(queue_name, uniqueid, uniqueid, f"PJSIP/{name}", name, 5, 2), since_s)
