"""One agent in one queue, and the one rule that says what they do."""

from __future__ import annotations

from typing import Final, Literal

from .events import MemberListed

MemberState = Literal["free", "ringing", "talking", "paused", "unreachable", "wrap-up"]
"""What an agent does, as one queue sees it; `free` is one whom Asterisk rings for the next caller."""

ON_THE_TELEPHONE: Final = frozenset({2, 3, 8})
"""Device states of somebody who speaks: in use, busy, on hold (`AST_DEVICE_*`)."""

RINGING: Final = frozenset({6, 7})
"""Device states of a telephone that rings: ringing, ringing and in use."""

UNREACHABLE: Final = frozenset({4, 5})
"""Device states of a telephone that cannot be rung: invalid, unavailable."""

SAME_CLOCK_S: Final = 2.0
"""How far apart the clock of Asterisk and ours may stand for its times to be taken as they are."""


class LiveMember:
    """One agent in one queue now."""

    __slots__ = ("last_call_s", "listed", "rung_for", "since_s", "spoke_with", "talks_since_s", "talks_with", "word")

    listed: MemberListed
    """As app_queue told it last; always replaced whole."""
    talks_with: str
    """Uniqueid of the caller of this queue they talk with; empty for nobody."""
    talks_since_s: float
    """When that conversation began, in seconds since 1970 UTC; 0 when unknown or none."""
    spoke_with: str
    """Uniqueid of the caller of this queue they talk with or talked with last; empty for nobody."""
    rung_for: str
    """Uniqueid of the caller their telephone rings for; empty for nobody."""
    last_call_s: float
    """When their last conversation ended, by our clock; 0 for never."""
    word: MemberState
    """The state seen last."""
    since_s: float
    """When that state was first seen, in seconds since 1970 UTC."""

    def __init__(self, listed: MemberListed, at_s: float) -> None:
        self.listed = listed
        self.talks_with = self.rung_for = self.spoke_with = ""
        self.talks_since_s = 0.0
        self.last_call_s = float(listed.last_call_at_s)
        self.word = "unreachable"
        self.since_s = at_s

    def replace(self, listed: MemberListed, at_s: float) -> None:
        """Take over what app_queue says now.

        A telephone that is idle again ends what our own events began, so that a lost one is made good. Not so with a
        Local channel that has no device of its own: it looks idle as soon as Asterisk has optimised it away, in the
        middle of the conversation (`core_local.c`); there only AgentCompleted ends it.
        """
        before = self.listed
        if listed.ring_in_use is None and before.ring_in_use is not None:
            listed = listed._replace(ring_in_use=before.ring_in_use)
        self.listed = listed
        if listed.last_call_at_s > before.last_call_at_s:
            told = float(listed.last_call_at_s)
            self.last_call_s = told if abs(at_s - told) <= SAME_CLOCK_S else at_s
        if listed.status < 2 and not listed.in_call:
            if before.status in RINGING or before.status in ON_THE_TELEPHONE:
                self.rung_for = ""
            if self.talks_with and not self.looks_idle_while_talking:
                self.talks_with, self.talks_since_s = "", 0.0

    @property
    def looks_idle_while_talking(self) -> bool:
        """Whether the device state says nothing about conversations: a Local channel without a state interface."""
        return (self.listed.state_interface or self.listed.interface).startswith("Local/")

    def wrap_up_ends_s(self, queue_wrap_up_s: int) -> float:
        """When the pause after the last conversation ends; 0 when there is none."""
        wrap_up_s = self.listed.wrap_up_s or queue_wrap_up_s
        return self.last_call_s + wrap_up_s if wrap_up_s and self.last_call_s else 0.0

    def state(self, queue_wrap_up_s: int, at_s: float) -> MemberState:
        """What the agent does at `at_s`.

        `free` is `is_member_available()` of app_queue.c (device free or unknown, not paused, wrap-up passed) without
        those who talk or are rung: with `ringinuse=yes` Asterisk rings them all the same, which answers nobody.
        """
        listed = self.listed
        status = listed.status
        if status in ON_THE_TELEPHONE or listed.in_call or self.talks_with:
            return "talking"
        if status in RINGING or self.rung_for:
            return "ringing"
        if status in UNREACHABLE:
            return "unreachable"
        if listed.paused:
            return "paused"
        if self.last_call_s and int(at_s) < self.wrap_up_ends_s(queue_wrap_up_s):
            return "wrap-up"
        return "free"

    def see(self, queue_wrap_up_s: int, at_s: float) -> None:
        """Note since when the agent does what they do."""
        word = self.state(queue_wrap_up_s, at_s)
        if word != self.word:
            self.word, self.since_s = word, at_s
