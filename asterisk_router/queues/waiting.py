"""One caller waiting in a queue."""

from __future__ import annotations


class WaitingCaller:
    """One caller in a queue now; the order of the queue's list is app_queue's own."""

    __slots__ = ("uniqueid", "linkedid", "channel", "number", "name", "priority", "since_s", "rings")

    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    linkedid: str
    """Common to all channels of the call; empty when only a snapshot told of the caller."""
    channel: str
    """The caller's channel: what acts name."""
    number: str
    """Caller ID number; untrusted text."""
    name: str
    """Caller ID name, for people's eyes only."""
    priority: int | None
    """QUEUE_PRIO; None where Asterisk was not made to tell it and no snapshot did yet."""
    since_s: float
    """When they entered this queue, in seconds since 1970 UTC."""
    rings: str
    """Interface of the agent whose telephone rings for them; empty for none."""
