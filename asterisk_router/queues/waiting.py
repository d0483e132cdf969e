"""One caller waiting in a queue."""

from __future__ import annotations

from typing import Final

from .events import CallerJoined, CallerListed

WHOLE_SECONDS_S: Final = 2.0
"""How far a wait told in whole seconds, and told late, may stand from the one known here."""


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
        self.priority = told.priority
        self.rings = []
        self.channel = told.channel
        self.number = told.number
        self.name = told.name
        if isinstance(told, CallerJoined):
            self.linkedid = told.linkedid

    def joined_before(self, event: CallerJoined) -> None:
        """Learn from a join that was under way when a snapshot was taken; what the snapshot said is newer."""
        self.linkedid = event.linkedid
        if self.priority is None:
            self.priority = event.priority

    def listed_again(self, listed: CallerListed, at_s: float) -> None:
        """Take over what a snapshot says; the moment they came, known more exactly here, stays when it bears it out."""
        self.channel, self.number, self.name = listed.channel, listed.number, listed.name
        self.priority = listed.priority
        since_s = at_s - listed.waited_s
        if abs(self.since_s - since_s) > WHOLE_SECONDS_S:
            self.since_s = since_s
