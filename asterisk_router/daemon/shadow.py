"""The shadow policy: decides every call once more, when the caller has their answer, and routes none.

A call is put on a bounded list after its answer left; the event loop then decides a few at a time, and after each
turn rests for many times as long. A shadow that is slow loses calls, and counts them; one that fails is counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from ..policy.differences import Differences

if TYPE_CHECKING:
    from ..call_path import CallPath
    from ..callers.caller import Caller
    from ..numbering.number import Number
    from ..policy.decision import Decision
    from ..wire.incoming_call import IncomingCall

LOG = logging.getLogger(__name__)

WAITING_MAX = 1_024
"""Calls that may wait for the shadow; a further one is dropped, and counted."""

TURN_S = 0.000_5
"""After so long a turn ends: a call that comes in meanwhile waits no longer, but for the decision at hand."""

REST_SHARE = 19
"""A turn is followed by so many times as long without one, also when it left no call behind: of a shadow that takes
50 ms for a call, one call in twenty finds the daemon busy, and not each one the decision about the call before."""

LOOK_S = 0.001
"""How often it is looked for calls, while there are some now and then: to wake somebody costs more than a decision."""

LINGER_S = 1.0
"""How long after the last call it is looked for another one."""


class InForce(Protocol):
    """Who holds the path of a policy."""

    path: CallPath
    """The path by the policy as it was read last."""


SeenCall = tuple["IncomingCall", "Number", "Caller", float, bool, "Decision", int]
"""What a live decision was made from, as `call_path.Seen` tells it, and the turn of the live line it met; a plain
tuple, which is made in a quarter of the time a named one takes."""


class Shadow:
    """Compares the policy in force with another one, call by call."""

    def __init__(self, shadow: InForce, live: Callable[[], InForce]) -> None:
        """`shadow.path` is not the shadow's until it was read the first time; `live` is who routes calls."""
        self.differences = Differences()
        """The tally of the versions that are compared now."""
        self.dropped = 0
        """Calls that found the list full."""
        self.moved = 0
        """Calls after which the queues or the live policy changed before the shadow's turn came."""
        self.renumbered = 0
        """Calls whose number the two policies read in different ways, so that the shadow does not know its caller."""
        self.faults = 0
        """Calls on which the shadow met a fault of ours."""
        self._shadow = shadow
        self._unread = shadow.path
        self._live = live
        self._waiting: deque[SeenCall] = deque()
        self._awake = False
        self._busy_s = 0.0

    @property
    def ready(self) -> bool:
        """Whether the shadow policy was read; until then no call is compared."""
        return self._shadow.path is not self._unread

    def saw(
        self, call: IncomingCall, number: Number, caller: Caller, at_s: float, degraded: bool, decision: Decision
    ) -> None:
        """Take a call that has its answer; `call_path.Seen`."""
        path = self._shadow.path
        if path is self._unread:
            return
        if len(self._waiting) >= WAITING_MAX:
            self.dropped += 1
            return
        turn = path.lines.of(call.uniqueid).turn
        self._waiting.append((call, number, caller, at_s, degraded, decision, turn))
        if not self._awake:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        began_s = now_s = perf_counter()
        while self._waiting and now_s - began_s < TURN_S:
            self._decide(*self._waiting.popleft())
            self._busy_s = now_s = perf_counter()
        if not self._waiting and now_s - self._busy_s > LINGER_S:
            self._awake = False
            return
        pause_s = (now_s - began_s) * REST_SHARE
        asyncio.get_running_loop().call_later(max(pause_s, 0 if self._waiting else LOOK_S), self._turn)

    def _decide(
        self,
        call: IncomingCall,
        number: Number,
        caller: Caller,
        at_s: float,
        degraded: bool,
        decision: Decision,
        turn: int,
    ) -> None:
        path, live_version = self._shadow.path, self._live().path.policy.version
        try:
            own = path.policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
            if own.key != number.key:
                self.renumbered += 1
                return
            if decision.policy_version != live_version or path.lines.of(call.uniqueid).turn != turn:
                self.moved += 1
                return
            other = path.decide(call, own, caller, at_s, degraded)
            differences = self.differences
            if (differences.version, differences.shadow_version) != (live_version, other.policy_version):
                self.differences = differences = Differences(live_version, other.policy_version, at_s)
            differences.note(call, at_s, decision, other)
        except Exception as fault:  # whatever is wrong with the shadow, no call hears of it
            self.faults += 1
            if self.faults == 1:
                LOG.error("the shadow policy met a fault (counted from now on): %r", fault, exc_info=fault)

    def forget_calls(self) -> None:
        """Drop the single calls on which the policies differ, for a caller was forgotten; the counts stay."""
        self.differences.latest.clear()

    def as_plain(self) -> dict[str, Any]:
        """Where it stands, for `asterisk-router shadow show`."""
        pair = self._live().path.policy.version, self._shadow.path.policy.version if self.ready else ""
        tally = self.differences
        if (tally.version, tally.shadow_version) != pair:
            tally = Differences(*pair)
        return {
            **tally.as_plain(),
            "not_compared": {
                "dropped": self.dropped,
                "moved": self.moved,
                "renumbered": self.renumbered,
                "faults": self.faults,
            },
        }
