"""What the router can do to the queues of a PBX: each act is one manager action, made by `wire/ami_actions`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol


class ChangePriority(NamedTuple):
    """Give a waiting caller another priority, and their new place at once (QueueChangePriorityCaller, Immediate)."""

    queue: str
    """Its name in Asterisk."""
    channel: str
    """The channel meant, by its name."""
    priority: int
    """The new QUEUE_PRIO."""


class WithdrawCaller(NamedTuple):
    """Take a waiting caller out of the queue, back into the dialplan (QueueWithdrawCaller)."""

    queue: str
    """Its name in Asterisk."""
    channel: str
    """The channel meant, by its name."""
    info: str = ""
    """Becomes QUEUE_WITHDRAW_INFO: what the dialplan does with the caller (`call-back`)."""


class AddMember(NamedTuple):
    """Put an agent into a queue (QueueAdd)."""

    queue: str
    """Its name in Asterisk."""
    interface: str
    """The agent's, as `PJSIP/anna`."""
    name: str = ""
    """What people call the agent."""
    penalty: int = 0
    """The lower, the sooner rung."""
    state_interface: str = ""
    """Empty: the interface itself."""


class RemoveMember(NamedTuple):
    """Take a dynamic agent out of a queue (QueueRemove)."""

    queue: str
    """Its name in Asterisk."""
    interface: str
    """The agent's, as `PJSIP/anna`."""


class PauseMember(NamedTuple):
    """Pause or unpause an agent in one queue (QueuePause)."""

    queue: str
    """Its name in Asterisk."""
    interface: str
    """The agent's, as `PJSIP/anna`."""
    paused: bool
    """Whether to pause or to let work again."""
    reason: str = ""
    """Why, for people."""


class RedirectCaller(NamedTuple):
    """Send a channel to another place of the dialplan at once, ringing and talking ones too (Redirect)."""

    channel: str
    """The channel meant, by its name."""
    context: str
    """Of the dialplan; one of our own templates'."""
    extension: str = "s"
    """Of that context."""


class OriginateCall(NamedTuple):
    """Start a call from the PBX: ring `channel`, then run the dialplan (Originate, asynchronous)."""

    channel: str
    """The channel meant, by its name."""
    context: str
    """Of the dialplan; one of our own templates'."""
    extension: str
    """Of that context."""
    variables: Mapping[str, str] = MappingProxyType({})
    """Set on the new channel."""
    caller_id: str = ""
    """`Name <number>` shown to whoever is rung."""
    timeout_ms: int = 30_000
    """How long it rings."""


Act = ChangePriority | WithdrawCaller | AddMember | RemoveMember | PauseMember | RedirectCaller | OriginateCall
"""Everything the router may do."""


class Done(NamedTuple):
    """What became of an act."""

    ok: bool
    """Whether Asterisk carried it out."""
    said: str = ""
    """Asterisk's own words, or why it was not asked (`not connected`)."""


class LineActs(Protocol):
    """The way back to one PBX; a feed offers it."""

    async def act(self, act: Act) -> Done:
        """Carry one act out; never raises: a PBX that is away or refuses is told in `Done`, within 5 s."""
