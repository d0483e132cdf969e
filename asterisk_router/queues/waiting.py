"""One caller waiting in a queue."""

from __future__ import annotations

from .events import CallerJoined, CallerListed


class WaitingCaller:
    """One caller in a queue now; the order of the queue's list is app_queue's own."""

    __slots__ = ("channel", "linkedid", "name", "number", "priority", "rings", "since_s", "uniqueid")

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
    rings: list[str]
    """Interfaces of the agents whose telephones ring for them."""

    def __init__(self, told: CallerJoined | CallerListed, since_s: float) -> None:
        self.uniqueid = told.uniqueid
        self.linkedid = ""
        self.since_s = since_s
        self.priority = None
        self.rings = []
        self.refresh(told)

    def refresh(self, told: CallerJoined | CallerListed) -> None:
        """Take over what is told again of a known caller; their place and the moment they came stay."""
        self.channel = told.channel
        self.number = told.number
        self.name = told.name
        if told.priority is not None:
            self.priority = told.priority
        if isinstance(told, CallerJoined):
            self.linkedid = told.linkedid
