"""One queue of a PBX right now."""

from __future__ import annotations

from typing import NamedTuple

from .members import LiveMember
from .waiting import WaitingCaller


class QueueFacts(NamedTuple):
    """What Asterisk does not tell of a queue, from the policy."""

    wrap_up_s: int = 0
    """Pause after each conversation (`wrapuptime` of queues.conf)."""
    handling_s: int = 0
    """How long a conversation with its wrap-up takes, until that is learned; 0 for not said."""


class LiveQueue:
    """Agents and waiting callers of one queue, fed by the live line."""

    __slots__ = (
        "name",
        "members",
        "waiting",
        "strategy",
        "weight",
        "holdtime_s",
        "talktime_s",
        "completed",
        "abandoned",
    )

    name: str
    """Its name in Asterisk."""
    members: dict[str, LiveMember]
    """Its agents by interface."""
    waiting: list[WaitingCaller]
    """Its callers, first in line first."""
    strategy: str
    """Ring strategy."""
    weight: int
    """Weight against other queues that share agents."""
    holdtime_s: int
    """app_queue's own average wait, of the last snapshot."""
    talktime_s: int
    """app_queue's own average conversation, of the last snapshot."""
    completed: int
    """Calls answered since the queue was loaded."""
    abandoned: int
    """Calls that left it unanswered since then."""
