"""Joins what the door, the dialplan and the queues say of a call into how it began and how it ended."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from time import time
from typing import TYPE_CHECKING, Protocol

from ..callers.registered_call import BeganCall, EndedCall
from ..queues.events import AgentCompleted, CallerJoined, Event
from ..wire import end_report
from ..wire.end_report import EndReport

if TYPE_CHECKING:
    from ..policy.decision import Decision
    from ..queues.served_calls import Service
    from ..wire.incoming_call import IncomingCall

LOG = logging.getLogger(__name__)

OPEN_MAX = 20_000
"""How many calls may be open at once; the oldest is concluded to make room for one more."""

UNREPORTED_S = 60.0
"""How long after its conversation the report of a call may take; then it is concluded without."""

FORGOTTEN_S = 4 * 3600.0
"""After so long a call nobody reports is over."""

TEXT_MAX = 200
"""Longest identifier or number that is kept of a call."""


class Registers(Protocol):
    """Where calls are kept; returns at once."""

    def began(self, call: BeganCall) -> None:
        """A call began."""

    def ended(self, call: EndedCall) -> None:
        """A call ended."""


class Served(Protocol):
    """Who spoke with whom in the queues."""

    def apply(self, event: Event, at_s: float) -> None:
        """Take in what happened in the queues."""

    def take(self, uniqueid: str) -> Service:
        """The service of a call that ended."""


class CallRegister:
    """Told of every decision and every end; a call decided or reported twice is one call all the same."""

    def __init__(
        self,
        registry: Registers,
        served: Served,
        number_of: Callable[[IncomingCall], str],
        agent_of: Callable[[str], str] = lambda interface: "",
        facts_of: Callable[[IncomingCall, Decision, float], str] = lambda call, decision, at_s: "",
        *,
        clock: Callable[[], float] = time,
    ) -> None:
        self.unreported = 0
        """Calls concluded without a report of their end."""
        self.set_aside: Counter[str] = Counter()
        """Decisions in which a guard rail kept a rule from deciding, by why."""
        self.degraded = 0
        """Calls decided without their caller, because the store did not say in time who it is."""
        self._registry = registry
        self._served = served
        self._number_of = number_of  # canonical number of a call, empty for none
        self._agent_of = agent_of  # the policy's name of the agent behind an interface, empty for none
        self._facts_of = facts_of  # what the policy saw of a call that was decided just now
        self._clock = clock
        self._open: dict[str, BeganCall] = {}
        self._over: dict[str, float] = {}  # open calls whose conversation ended, and when

    def __len__(self) -> int:
        """Calls that have begun and not ended."""
        return len(self._open)

    def decided(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        """A call that rang at `at_s` has its answer; None when a fault of ours sent it to the default.

        A call that asks again, as from a menu, began when it asked first and goes where it was sent last, which the
        registry is told too, for whoever leads must know its class; one that asked another daemon first began there.
        """
        uniqueid = call.uniqueid[:TEXT_MAX] or f"unnamed-{at_s:.6f}"
        number = "" if call.tainted else decision.number if decision is not None else self._number_of(call)
        linkedid, line = call.linkedid[:TEXT_MAX], call.called_number[:TEXT_MAX]
        latency_ms = round(max(0.0, self._clock() - at_s) * 1000, 3)
        if decision is not None and decision.set_aside:
            self.set_aside[decision.set_aside] += 1
        if decision is None:
            began = BeganCall(uniqueid, linkedid, at_s, number, line, latency_ms=latency_ms)
        else:
            self.degraded += decision.degraded
            began = BeganCall(
                uniqueid,
                linkedid,
                at_s,
                number,
                line,
                decision.caller_class,
                decision.branch,
                decision.queue,
                decision.head_start_s,
                decision.promised_wait_s,
                decision.rule,
                decision.policy_version,
                decision.degraded,
                trust=decision.trust,
                reason=decision.reason,
                latency_ms=latency_ms,
                facts=self._facts(call, decision, at_s),
            )
        first = self._open.get(uniqueid)
        if first is not None:
            began = began._replace(at_s=first.at_s, number=first.number, line=first.line)
            self._open[uniqueid] = began
        if call.choice:
            self._registry.began(began._replace(choice=call.choice[:TEXT_MAX]))
        elif first is None:
            self._registry.began(began)
            self.resume(began)

    def ended(self, call: IncomingCall, at_s: float) -> None:
        """The dialplan reports that a call ended by `at_s`."""
        report = end_report.read(call.ended)
        began = self._open.pop(call.uniqueid[:TEXT_MAX], None)
        if began is None:
            began = end_report.began(report, call, self._number_of(call), at_s)
            began = began._replace(uniqueid=began.uniqueid[:TEXT_MAX], linkedid=began.linkedid[:TEXT_MAX])
        self._conclude(report, began, report.ended_at_s or at_s)

    def apply(self, event: Event, at_s: float) -> None:
        """Take in what happened in the queues: a call whose conversation ended is over, reported or not.

        Not one that was transferred, or stands in a queue again: that goes on, for as long as it likes.
        """
        self._served.apply(event, at_s)
        if type(event) is CallerJoined:
            self._over.pop(event.uniqueid, None)
        elif type(event) is AgentCompleted and event.uniqueid in self._open and event.ending != "transfer":
            self._over[event.uniqueid] = at_s

    def open_call(self, uniqueid: str) -> BeganCall:
        """What was decided for a call that has not ended; one without a class when it is none of ours."""
        return self._open.get(uniqueid) or BeganCall(uniqueid, "", 0.0, "", "")

    def resume(self, began: BeganCall) -> None:
        """Wait for the end of a call; also of one that an earlier daemon saw begin."""
        if len(self._open) >= OPEN_MAX:
            oldest = next(iter(self._open))
            self._give_up(oldest, self._clock())
        self._open.setdefault(began.uniqueid, began)

    def conclude_unreported(self) -> None:
        """Conclude the calls whose end nobody reported; to be called every few seconds."""
        now_s = self._clock()
        for uniqueid, over_s in list(self._over.items()):
            if uniqueid not in self._open:
                del self._over[uniqueid]
            elif now_s - over_s > UNREPORTED_S:
                self._give_up(uniqueid, over_s)
        old = [uniqueid for uniqueid, call in self._open.items() if now_s - call.at_s > FORGOTTEN_S]
        for uniqueid in old:
            self._give_up(uniqueid, now_s)

    def _facts(self, call: IncomingCall, decision: Decision, at_s: float) -> str:
        try:
            return self._facts_of(call, decision, at_s)
        except Exception as fault:  # a call is registered without them rather than not at all
            LOG.error("what was seen of call %s is not written down: %r", call.uniqueid, fault, exc_info=fault)
            return ""

    def _give_up(self, uniqueid: str, at_s: float) -> None:
        self.unreported += 1
        self._conclude(None, self._open.pop(uniqueid), at_s)

    def _conclude(self, report: EndReport | None, began: BeganCall, at_s: float) -> None:
        self._over.pop(began.uniqueid, None)
        service = self._served.take(began.uniqueid)
        ended = end_report.concluded(report, began, service, at_s)
        agent = self._agent_of(service.agent or ended.agent) if ended.agent else ""
        self._registry.ended(ended._replace(agent=agent or ended.agent))
