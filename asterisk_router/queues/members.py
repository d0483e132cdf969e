"""One agent in one queue, and the one rule that says whether Asterisk would ring them."""

from __future__ import annotations

from typing import Literal

from .events import MemberListed

MemberState = Literal["free", "ringing", "talking", "paused", "unreachable", "wrap-up"]
"""What an agent does, as seen by one queue: `free` means Asterisk would ring them for the next caller."""


class LiveMember:
    """One agent in one queue now."""

    __slots__ = ("listed", "talks_with", "talks_since_s", "rung_for", "since_s", "word")

    listed: MemberListed
    """As app_queue told it last."""
    talks_with: str
    """Uniqueid of the caller of this queue they talk with; empty for nobody."""
    talks_since_s: float
    """When that conversation began; 0 when unknown or none."""
    rung_for: str
    """Uniqueid of the caller they are rung for; empty for nobody."""
    word: MemberState
    """The state last seen."""
    since_s: float
    """When that state was first seen."""

    def __init__(self, listed: MemberListed, at_s: float) -> None:
        self.listed = listed
        self.talks_with = self.rung_for = ""
        self.talks_since_s = 0.0
        self.word = "unreachable"
        self.since_s = at_s

    def state(self, queue_wrap_up_s: int, at_s: float) -> MemberState:
        """What the agent does at `at_s`."""
        raise NotImplementedError
