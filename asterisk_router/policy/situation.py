"""What is known about one call at the moment it is decided: everything a policy can ask about."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple, Protocol

from ..callers.caller import Caller
from ..numbering.number import Number
from ..queues.live_line import LiveLine
from ..wire.incoming_call import IncomingCall


class Line(NamedTuple):
    """One number of the house that callers dial (DID), and what it stands for."""

    number: str = ""
    """Canonical number, as in the heading `[lines."+42125550000"]`; empty for a line the policy does not know."""
    kind: str = ""
    """What it is for: `incident`, `advertising`, `office`; empty when not said."""
    project: str = ""
    """The client for whom calls on it are answered; empty for the house itself."""
    campaign: str = ""
    """The advertising campaign that shows this number."""
    language: str = ""
    """Language spoken on it, as Asterisk writes it; empty when not said."""
    open: str = ""
    """Name of the schedule by which it is staffed; empty when not said."""
    also: tuple[str, ...] = ()
    """Other ways in which the trunk writes this number."""


class LiveAnswers(Protocol):
    """What a policy asks of the live line of a PBX: `queues.live_line.LiveLine`, or one somebody imagined.

    Every answer is None when unknown; queues go by their names in Asterisk.
    """

    @property
    def turn(self) -> int:
        """Changes whenever any answer may have changed."""

    @property
    def losses(self) -> int:
        """How often the line was lost: what one remembers of it from before says nothing about it now."""

    @property
    def good_until_s(self) -> float:
        """When every answer turns unknown, whatever the turn says; seconds since 1970 UTC."""

    def free(self, queue: str, at_s: float) -> int | None:
        """Agents who could take a call now."""

    def waiting(self, queue: str, at_s: float) -> int | None:
        """Callers waiting."""

    def waiting_among(self, queue: str, uniqueids: Set[str], at_s: float) -> int:
        """How many of those calls wait in the queue; 0 when unknown."""

    def longest_wait_s(self, queue: str, at_s: float) -> int | None:
        """Seconds the caller who waits longest has waited."""

    def expected_wait_s(self, queue: str, at_s: float, head_start_s: int = 0) -> int | None:
        """Seconds a caller who enters now with that head start will wait."""

    def agent_free(self, interface: str, at_s: float) -> bool | None:
        """Whether an agent could be rung now."""


class DecoySwitch(NamedTuple):
    """Whether a decoy may be played at all, as the daemon knows it at this moment."""

    why_not: str = "switched off"
    """Why not; empty where it may."""
    responsible: str = ""
    """Who answers for it."""


NO_DECOY = DecoySwitch()
"""Off, as it is until somebody switches it on."""


class Situation(NamedTuple):
    """One call, at the moment it is decided."""

    call: IncomingCall
    """What Asterisk said."""
    number: Number
    """Which number is calling."""
    caller: Caller
    """Who is calling; `Caller.UNKNOWN` when never seen or when the store failed."""
    at_s: float
    """When it rings, in seconds since 1970 UTC."""
    trust: int
    """Trust in the number, 0 (E0) to 4 (E4)."""
    degraded: bool
    """Whether the store failed, so that nothing is known about the caller."""
    line: Line
    """The line called."""
    identified: bool
    """Whether `caller` can be believed: there is a number, and the store answered for it."""
    live: LiveAnswers = LiveLine.UNKNOWN
    """The live line of the PBX the call is on."""
    decoy: DecoySwitch = NO_DECOY
    """Whether a decoy may be played."""
