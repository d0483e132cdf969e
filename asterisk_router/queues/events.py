"""What happened in the queues of one PBX, in our words: the only things that change the live line.

`wire/ami_events` makes them out of the manager interface's events; which event of app_queue stands behind each is in
its docstring. Times are stamped by whoever applies them, for Asterisk's events carry none by default.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Ending = Literal["agent", "caller", "transfer"]
"""Who ended a conversation, as AgentComplete says it."""


class MemberListed(NamedTuple):
    """One agent in one queue as app_queue tells it, always whole: each event replaces the member."""

    interface: str
    """What is rung: `PJSIP/anna`, `Local/anna@agents`; names the member within the queue."""
    name: str = ""
    """What people call the member (MemberName)."""
    state_interface: str = ""
    """Whose device state counts; the interface itself when not set apart."""
    membership: str = "dynamic"
    """`static` (queues.conf), `dynamic` (added at run time) or `realtime`."""
    penalty: int = 0
    """The lower, the sooner rung."""
    paused: bool = False
    """Whether the agent takes no calls of this queue now."""
    paused_reason: str = ""
    """Why, in the agent's words."""
    status: int = 0
    """Device state: 0 unknown, 1 free, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing, 7 ringing and in use,
    8 on hold (`AST_DEVICE_*`)."""
    in_call: bool = False
    """Whether the agent talks with a caller of this queue."""
    calls_taken: int = 0
    """Calls answered since the queue was loaded."""
    last_call_at_s: int = 0
    """When the last conversation ended, in seconds since 1970 UTC; 0 for never."""
    wrap_up_s: int = 0
    """The member's own wrap-up time; 0 means the queue's, which Asterisk does not tell."""
    ring_in_use: bool | None = None
    """Whether the agent is rung while talking; None where a snapshot does not tell (QueueMember has no Ringinuse, an
    event has): then what was known stays true. app_queue's own default is yes, our templates write no."""


class CallerListed(NamedTuple):
    """One caller as a snapshot lists them (QueueEntry)."""

    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    channel: str
    """The caller's channel: what acts name."""
    position: int
    """Place in the queue, from 1."""
    waited_s: int = 0
    """Whole seconds waited so far."""
    priority: int = 0
    """QUEUE_PRIO as app_queue holds it now."""
    number: str = ""
    """Caller ID number as Asterisk holds it; untrusted text."""
    name: str = ""
    """Caller ID name, for people's eyes only."""


class QueueListed(NamedTuple):
    """One queue, whole (QueueParams with its QueueMember and QueueEntry rows): replaces what was known of it."""

    queue: str
    """Its name in Asterisk."""
    members: tuple[MemberListed, ...] = ()
    """Its agents."""
    waiting: tuple[CallerListed, ...] = ()
    """Its callers, first in line first."""
    strategy: str = ""
    """Ring strategy: `leastrecent`, `ringall`..."""
    weight: int = 0
    """Weight against other queues that share agents."""
    holdtime_s: int = 0
    """app_queue's own average wait."""
    talktime_s: int = 0
    """app_queue's own average conversation."""
    completed: int = 0
    """Calls answered since the queue was loaded."""
    abandoned: int = 0
    """Calls that left it unanswered since then."""


class LineListed(NamedTuple):
    """A whole snapshot (QueueStatus): queues that are not in it are gone."""

    queues: tuple[QueueListed, ...]
    """Every queue of the PBX."""


class CallerJoined(NamedTuple):
    """A caller entered a queue (QueueCallerJoin)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    linkedid: str
    """Common to all channels of the call."""
    channel: str
    """The caller's channel: what acts name."""
    position: int
    """Place given to the caller, from 1."""
    callers: int
    """Callers in the queue now, for the self-check."""
    priority: int | None = None
    """QUEUE_PRIO, where `channelvars` in manager.conf lets it through; None where not."""
    number: str = ""
    """Caller ID number; untrusted text."""
    name: str = ""
    """Name for people's eyes only."""


class CallerLeft(NamedTuple):
    """A caller is no longer in the queue, for whatever reason (QueueCallerLeave)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    callers: int
    """Callers in the queue now, for the self-check."""


class CallerAbandoned(NamedTuple):
    """A caller left unanswered: hung up, timed out or was withdrawn (QueueCallerAbandon; a CallerLeft follows)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    waited_s: int
    """Whole seconds in the queue."""


class AgentRung(NamedTuple):
    """An agent's telephone began to ring for a caller (AgentCalled)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Of the caller."""
    interface: str
    """The agent's."""
    name: str = ""
    """Name for people's eyes only."""


class AgentRungInVain(NamedTuple):
    """It rang and was not taken up (AgentRingNoAnswer)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    interface: str
    """The agent's."""


class AgentConnected(NamedTuple):
    """Caller and agent talk (AgentConnect; comes after the CallerLeft)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    linkedid: str
    """Common to all channels of the call."""
    interface: str
    """The agent's."""
    name: str
    """What people call the agent."""
    waited_s: int
    """Whole seconds in the queue."""
    rang_s: int
    """Whole seconds the telephone rang."""
    channel: str = ""
    """The caller's channel."""


class AgentCompleted(NamedTuple):
    """The conversation ended (AgentComplete)."""

    queue: str
    """Its name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel; empty when that was gone before Asterisk told the end."""
    interface: str
    """The agent's."""
    name: str
    """What people call the agent."""
    waited_s: int
    """Whole seconds in the queue."""
    talked_s: int
    """Whole seconds they spoke."""
    ending: Ending
    """Who ended it."""


class MemberChanged(NamedTuple):
    """A member was added or anything about them changed (QueueMemberAdded, Status, Pause, Penalty, Ringinuse)."""

    queue: str
    """Its name in Asterisk."""
    member: MemberListed
    """The whole member as of now."""


class MemberRemoved(NamedTuple):
    """A member is gone from the queue (QueueMemberRemoved)."""

    queue: str
    """Its name in Asterisk."""
    interface: str
    """The agent's."""


Event = (
    LineListed | QueueListed | CallerJoined | CallerLeft | CallerAbandoned | AgentRung | AgentRungInVain
    | AgentConnected | AgentCompleted | MemberChanged | MemberRemoved
)  # fmt: skip
"""Everything that can happen."""
