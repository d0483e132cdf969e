"""The path of a call, from what Asterisk said to what it is told: read this first.

Pure: the clock, the store and the sockets are handed in by whoever drives it. The doors hand over an
`IncomingCall` and a function to be told the `Decision`; in between the caller is found in one round trip. How busy
the line is stands in memory and is read, never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from .callers.caller import Caller
from .policy.guard.claims import Claims
from .policy.situation import NO_DECOY, DecoySwitch
from .queues.live_lines import LiveLines

if TYPE_CHECKING:
    from .callers.caller_book import CallerBook
    from .callers.number_ranges import NumberRanges
    from .numbering.number import Number
    from .policy.decision import Decision
    from .policy.policy import Policy
    from .policy.situation import LiveAnswers
    from .wire.incoming_call import IncomingCall

Decided = Callable[["Decision"], None]
"""Told exactly once what was decided for the call."""

Failed = Callable[[Exception], None]
"""Told instead, when deciding met a fault of ours."""


Seen = Callable[["IncomingCall", "Number", Caller, float, bool, "Decision"], None]
"""Told what a decision was made from, when the caller has their answer already; never raises."""


def nobody_looks(
    call: IncomingCall, number: Number, caller: Caller, at_s: float, degraded: bool, decision: Decision
) -> None:
    """In place of a shadow policy, where there is none."""


class Lines(Protocol):
    """The live lines of every PBX: `queues.live_lines.LiveLines`, or one somebody imagined."""

    def of(self, uniqueid: str) -> LiveAnswers:
        """The line of the PBX a call is on, by the call's unique ID; one that knows nothing for any other."""


Decoy = Callable[[], DecoySwitch]
"""Tells whether a decoy may be played at this very moment; never waits."""


def never_a_decoy() -> DecoySwitch:
    """Where nobody can have switched it on."""
    return NO_DECOY


NO_LINES: Final = LiveLines()
"""Where no PBX is followed: every fact of the live line is unknown, and rules that ask it pass the call by."""


class CallPath:
    """Routes calls by one policy; a reload makes a new path, so no call ever meets two policies."""

    def __init__(
        self,
        policy: Policy,
        book: CallerBook,
        ranges: NumberRanges,
        lines: Lines = NO_LINES,
        seen: Seen = nobody_looks,
        claims: Claims = Claims.NONE,
        decoy: Decoy = never_a_decoy,
    ) -> None:
        self.policy = policy
        """The policy in force on this path."""
        self.book = book
        """Where callers are found."""
        self.ranges = ranges
        """Tags of number ranges and prefixes, mirrored in memory."""
        self.lines = lines
        """How busy each PBX is, as far as known."""
        self.seen = seen
        """Who looks at each decision after its answer: the shadow policy."""
        self.claims = claims
        """Privileges that earlier calls enjoyed on a bare claim; they outlive the policy."""
        self.decoy = decoy
        """Whether a decoy may be played."""

    def route(self, call: IncomingCall, at_s: float, decided: Decided, failed: Failed) -> None:
        """Decide where `call`, ringing at `at_s` (seconds since 1970 UTC), goes, and tell `decided`.

        normalise the number -> find the caller -> classify -> treat; the call is registered, and seen by the shadow
        policy, after the answer left.
        A fault before the caller is asked for is raised, one after it is told to `failed`.
        """
        number = self.policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
        if call.tainted or not number.key:
            decision = self.decide(call, number, Caller.UNKNOWN, at_s)
            decided(decision)
            self.seen(call, number, Caller.UNKNOWN, at_s, False, decision)
            return

        def found(caller: Caller, degraded: bool) -> None:
            try:
                decision = self.decide(call, number, caller, at_s, degraded)
            except Exception as fault:
                failed(fault)
            else:
                decided(decision)
                self.seen(call, number, caller, at_s, degraded, decision)

        self.book.find(number.key, found)

    def decide(
        self, call: IncomingCall, number: Number, caller: Caller, at_s: float, degraded: bool = False
    ) -> Decision:
        """Classify and treat a caller already found; nothing here waits."""
        tags = self.ranges.tags_of(number.key)
        if tags:
            caller = caller._replace(tags=caller.tags + tags)
        policy, live = self.policy, self.lines.of(call.uniqueid)
        trust = policy.trust_of(call, number)
        return policy.decide(call, number, caller, at_s, trust, degraded, live, self.claims, self.decoy())

    def facts_seen(self, call: IncomingCall, caller: Caller, at_s: float, degraded: bool) -> str:
        """The facts the rules ask about, as `decide` met them if it is asked in the same moment; for the registry."""
        number = self.policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
        tags = self.ranges.tags_of(number.key)
        if tags:
            caller = caller._replace(tags=caller.tags + tags)
        live, trust = self.lines.of(call.uniqueid), self.policy.trust_of(call, number)
        return self.policy.facts_seen(self.policy.situation(call, number, caller, at_s, trust, degraded, live))

    def decide_without_store(self, call: IncomingCall, at_s: float) -> Decision:
        """Decide at the deadline: the number and the line are known, the caller is not; marked degraded."""
        number = self.policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
        return self.decide(call, number, Caller.UNKNOWN, at_s, degraded=True)
