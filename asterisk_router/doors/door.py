"""What every door does with a call, whichever way Asterisk asked: once decided, once registered, and never late.

No task and no future per call: the path decides, and the door is told as a plain call. A door adds how a call comes
in, how its answer leaves (`_worded`, `_tell`) and who looks the calls at hand over for their deadlines.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from time import time
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ..once_a_minute import OnceAMinute

if TYPE_CHECKING:
    from ..call_path import CallPath
    from ..policy.decision import Decision
    from ..wire.incoming_call import IncomingCall

LOG = logging.getLogger(__name__)

TICK_S = 0.005
"""How often the calls at hand are looked over for their deadlines, while there are any: no call is later than this."""

Said = TypeVar("Said")
"""What a door tells Asterisk."""


class InForce(Protocol):
    """Who holds the path of the policy in force; asked anew for every call."""

    path: CallPath
    """The path that routes the next call."""


class Register(Protocol):
    """Who keeps every call; told when nobody waits any more, and never raises."""

    def decided(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        """A call that rang at `at_s` has its answer; None when it got the default by a fault of ours."""

    def ended(self, call: IncomingCall, at_s: float) -> None:
        """The dialplan reports a call that ended by `at_s`."""


class Unregistered:
    """In place of a register, where nobody keeps calls."""

    def decided(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        """Keep nothing."""

    def ended(self, call: IncomingCall, at_s: float) -> None:
        """Keep nothing."""


class Door(ABC, Generic[Said]):
    """Has the calls at hand decided; whatever is wrong with us, the call goes on."""

    def __init__(self, in_force: InForce, register: Register | None, clock: Callable[[], float] = time) -> None:
        self.answered = 0
        """Calls that got a decision."""
        self.late = 0
        """Calls decided at the deadline, without their caller."""
        self.tainted = 0
        """Calls whose bytes were not to be believed."""
        self.failed = 0
        """Calls that met a fault of ours and are told that there is no decision."""
        self._register: Register = Unregistered() if register is None else register
        self._in_force = in_force
        self._clock = clock
        self._seldom = OnceAMinute(LOG)
        self._waiting: dict[int, tuple[IncomingCall, float]] = {}
        self._answering: int | None = None  # whose answer is being sent

    @abstractmethod
    def _worded(self, decision: Decision | None) -> Said:
        """The answer as this door says it; None for no decision."""

    @abstractmethod
    def _tell(self, ticket: int, said: Said) -> bool:
        """Send the answer; whether somebody was there to hear it."""

    def _asked(self, ticket: int, call: IncomingCall) -> None:
        at_s = self._clock()
        self._waiting[ticket] = call, at_s
        if call.tainted:
            self.tainted += 1
            self._seldom.warning("a call is not believed (%s) and gets the default branch", call.tainted)
        decided, failed = partial(self._decided, ticket), partial(self._failed, ticket)
        try:
            self._in_force.path.route(call, at_s, decided, failed)
        except Exception as fault:  # whatever is wrong with us, the call goes on
            self._failed(ticket, fault)

    def _decided(self, ticket: int, decision: Decision) -> None:
        if ticket not in self._waiting:
            return  # the deadline came first
        try:
            said = self._worded(decision)
        except Exception as fault:
            self._failed(ticket, fault)
            return
        call, at_s = self._waiting.pop(ticket)
        self._answering = ticket
        if self._tell(ticket, said):
            self.answered += 1
        if self._answering == ticket:  # else the same call turned out tainted, and was decided as such
            self._answering = None
            self._registered(call, decision, at_s)

    def _overdue(self, ticket: int) -> None:
        waiting = self._waiting.get(ticket)
        if waiting is None:
            return
        self.late += 1
        try:
            self._decided(ticket, self._in_force.path.decide_without_store(*waiting))
        except Exception as fault:
            self._failed(ticket, fault)

    def _failed(self, ticket: int, fault: Exception) -> None:
        waiting = self._waiting.pop(ticket, None)
        if waiting is None:
            return
        call, at_s = waiting
        self.failed += 1
        LOG.error("call %s goes to the default: %r", call.uniqueid, fault, exc_info=fault)
        self._tell(ticket, self._worded(None))
        self._registered(call, None, at_s)

    def _registered(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        try:
            self._register.decided(call, decision, at_s)
        except Exception as fault:  # the caller has their answer
            LOG.error("call %s is not registered: %r", call.uniqueid, fault, exc_info=fault)
