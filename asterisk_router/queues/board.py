"""The live line as plain data, for other daemons, tools and the wallboard."""

from __future__ import annotations

import re
from typing import Final, TypedDict

from ..numbering.number import masked
from .ageing import head_start_of, rank_s
from .expected_wait import Outlook, has_an_agent
from .live_line import LiveLine
from .live_queue import LiveQueue
from .members import LiveMember, MemberState
from .waiting import WaitingCaller

NUMBER: Final = re.compile(r"[+0-9 ()/.-]{5,}")
"""A caller ID name that is the number once more, as it is for callers without a name."""


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
    rings: list[str]
    """Interfaces of the agents rung for them."""


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
    """The state of `line` at `at_s` as plain data for JSON; numbers masked, for boards are read by many."""
    known = line.known(at_s)
    queues = [_queue(line, line.queues[name], at_s) for name in sorted(line.queues)] if known else []
    return Board(pbx=line.pbx, at_s=at_s, known=known, good_until_s=line.good_until_s, queues=queues)


def _queue(line: LiveLine, queue: LiveQueue, at_s: float) -> QueueOnBoard:
    members = [_member(queue, queue.members[interface], at_s) for interface in sorted(queue.members)]
    return QueueOnBoard(
        queue=queue.name,
        strategy=queue.strategy,
        free=queue.free(at_s),
        talking=sum(member["state"] == "talking" for member in members),
        waiting=len(queue.waiting),
        longest_wait_s=queue.longest_wait_s(at_s),
        expected_wait_s=line.expected_wait_s(queue.name, at_s),
        handling_s=round(queue.handling.mean_s, 1),
        completed=queue.completed,
        abandoned=queue.abandoned,
        members=members,
        callers=_callers(line, queue, at_s),
    )


def _callers(line: LiveLine, queue: LiveQueue, at_s: float) -> list[CallerOnBoard]:
    shown: list[CallerOnBoard] = []
    ahead, outlook = 0, Outlook(queue, line.sharing(), at_s)
    for caller in queue.waiting:
        shown.append(_caller(outlook, queue, caller, len(shown) + 1, ahead, at_s))
        ahead += not has_an_agent(queue, caller, at_s)
    return shown


def _member(queue: LiveQueue, member: LiveMember, at_s: float) -> MemberOnBoard:
    listed, wrap_up_s = member.listed, queue.facts.wrap_up_s
    word = member.state(wrap_up_s, at_s)
    # only the end of a wrap-up comes without an event
    since_s = member.since_s if word == member.word else member.wrap_up_ends_s(wrap_up_s)
    return MemberOnBoard(
        interface=listed.interface,
        name=listed.name,
        state=word,
        since_s=since_s,
        talks_with=member.talks_with,
        paused_reason=listed.paused_reason,
        membership=listed.membership,
        penalty=listed.penalty,
        calls_taken=listed.calls_taken,
    )


def _caller(
    outlook: Outlook, queue: LiveQueue, caller: WaitingCaller, position: int, ahead: int, at_s: float
) -> CallerOnBoard:
    priority = caller.priority
    wait_s = None
    if has_an_agent(queue, caller, at_s):
        wait_s = round(queue.handling.ring_s)
    elif priority is not None:
        wait_s = round(outlook.wait_s(priority, ahead))
    return CallerOnBoard(
        position=position,
        uniqueid=caller.uniqueid,
        channel=caller.channel,
        number=masked(caller.number),
        name=masked(caller.name) if NUMBER.fullmatch(caller.name) else caller.name,
        waited_s=max(int(at_s - caller.since_s), 0),
        priority=priority,
        head_start_s=None if priority is None else head_start_of(priority, caller.since_s),
        rank_s=None if priority is None else rank_s(priority, at_s),
        expected_wait_s=wait_s,
        rings=list(caller.rings),
    )
