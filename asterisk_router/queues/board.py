"""The live line as plain data, for other daemons, tools and the wallboard."""

from __future__ import annotations

from typing import TypedDict

from .live_line import LiveLine
from .members import MemberState


class MemberOnBoard(TypedDict):
    """One agent in one queue."""

    interface: str
    """What is rung."""
    name: str
    """What people call the agent."""
    state: MemberState
    """What they do."""
    since_s: float
    """When that state was first seen, in seconds since 1970 UTC."""
    talks_with: str
    """Uniqueid of the caller they talk with; empty for nobody."""
    paused_reason: str
    """Why they paused."""
    membership: str
    """`static`, `dynamic` or `realtime`."""
    penalty: int
    """The lower, the sooner rung."""
    calls_taken: int
    """Calls answered since the queue was loaded."""


class CallerOnBoard(TypedDict):
    """One waiting caller."""

    position: int
    """Place, from 1."""
    uniqueid: str
    """Asterisk's unique ID of the channel: how commands name the caller."""
    channel: str
    """The channel's name, which acts need."""
    number: str
    """Masked caller number."""
    name: str
    """Screen name."""
    waited_s: int
    """Whole seconds in this queue."""
    priority: int | None
    """QUEUE_PRIO; None when not known."""
    head_start_s: int | None
    """Waiting granted in advance, counted from the entry into this queue; None when not known."""
    rank_s: int | None
    """Seconds waited + head start; None when not known."""
    expected_wait_s: int | None
    """Seconds until an answer, from now; None when unknown."""
    rings: str
    """Interface of the agent rung for them; empty for none."""


class QueueOnBoard(TypedDict):
    """One queue."""

    queue: str
    """Its name in Asterisk."""
    strategy: str
    """Ring strategy."""
    free: int
    """Agents Asterisk would ring now."""
    talking: int
    """Agents who talk or are on the telephone."""
    waiting: int
    """Callers waiting."""
    longest_wait_s: int
    """Of the caller who waits longest."""
    expected_wait_s: int | None
    """Of a caller who enters now without a head start."""
    handling_s: float
    """How long a conversation with its wrap-up takes, as learned."""
    completed: int
    """Calls answered since the queue was loaded."""
    abandoned: int
    """Calls that left it unanswered since then."""
    members: list[MemberOnBoard]
    """Its agents, by interface."""
    callers: list[CallerOnBoard]
    """Who waits, first in line first."""


class Board(TypedDict):
    """One PBX."""

    pbx: str
    """Its name (`systemname`)."""
    at_s: float
    """When the board was made, in seconds since 1970 UTC."""
    known: bool
    """Whether the state could be believed then; `queues` is empty when not."""
    good_until_s: float
    """Until when it may be believed: whoever reads the board later takes it for unknown."""
    queues: list[QueueOnBoard]
    """Every queue, by name."""


def board(line: LiveLine, at_s: float) -> Board:
    """The state of `line` at `at_s` as plain data for JSON."""
    raise NotImplementedError
