"""What the dialplan says of a call that ended, and what it means: `name=value;name=value`, in the `end` of the query.

The hangup handler of the templates sends it with every call, and writes the same query down as one line when nobody
answers it. Nothing here raises: a value that is missing or garbled counts as not said.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ..callers.registered_call import BeganCall, Direction, EndedCall, HowEnded
from ..queues.served_calls import Service
from .incoming_call import QUERY_NAMES, IncomingCall

NUMBER_MAX = 1 << 37
"""No moment and no duration in seconds is greater; what is, is taken for this: a moment of the year 6325, which every
calendar in use can still write."""

TEXT_MAX = 200
"""Longest text of one value that is kept."""

NOBODY_THERE = frozenset({"JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL", "FULL"})
"""QUEUESTATUS of a queue in which nobody could take the call up (app_queue.c, queue_results)."""


class EndReport(NamedTuple):
    """What the dialplan knew of a call at its end."""

    rang_at_s: int = 0
    """When it rang by the clock of the PBX, in seconds since 1970 UTC; 0 when not said."""
    ended_at_s: int = 0
    """When it ended by the same clock; 0 when not said."""
    caller_class: str = ""
    """ROUTER_CLASS."""
    branch: str = ""
    """ROUTER_BRANCH."""
    queue: str = ""
    """The queue it waited in last, as the policy calls it."""
    head_start_s: int = 0
    """ROUTER_HEAD_START."""
    promised_wait_s: int = 0
    """ROUTER_PROMISED_WAIT."""
    waits_since_s: int = 0
    """ROUTER_WAITS_SINCE: when it first entered a queue; 0 when it never did."""
    queue_status: str = ""
    """QUEUESTATUS, of the last queue that gave the call back to the dialplan."""
    abandoned: bool = False
    """ABANDONED: whether it left the last queue unanswered."""
    dial_status: str = ""
    """DIALSTATUS."""
    member: str = ""
    """Name or interface of the queue's member who was connected."""
    dialled: str = ""
    """DIALEDPEERNAME: the channel that was dialled."""
    answered_s: int = 0
    """ANSWEREDTIME: whole seconds the caller and whoever was dialled spoke."""
    waited_s: int = 0
    """QUEUEWAIT: whole seconds in the queue."""
    asked: bool = False
    """Whether the caller asked for a call-back by key."""
    owed: bool = True
    """ROUTER_CALL_BACK: whether a missed call of this class is owed one; true when not said."""
    call_back_id: str = ""
    """The person whose call-back this call was."""
    direction: Direction = "in"
    """Who called whom."""
    escaped: bool = False
    """ROUTER_ESCAPED: whether the caller left the decoy by a key."""


def read(text: str) -> EndReport:
    """The report in `text`; a name said twice counts as it was said first, unknown names are skipped.

    >>> read("rang=1795413703;qs=TIMEOUT;owed=0;x=1").queue_status
    'TIMEOUT'
    """
    said: dict[str, str] = {}
    for pair in text.split(";"):
        name, _, value = pair.partition("=")
        said.setdefault(name, value.strip()[:TEXT_MAX])
    return EndReport(
        rang_at_s=_number(said.get("rang", "")),
        ended_at_s=_number(said.get("over", "")),
        caller_class=said.get("class", ""),
        branch=said.get("branch", ""),
        queue=said.get("queue", ""),
        head_start_s=_number(said.get("head", "")),
        promised_wait_s=_number(said.get("promised", "")),
        waits_since_s=_number(said.get("since", "")),
        queue_status=said.get("qs", ""),
        abandoned=said.get("abandoned", "") == "TRUE",
        dial_status=said.get("ds", ""),
        member=said.get("member", ""),
        dialled=said.get("dialled", ""),
        answered_s=_number(said.get("answered", "")),
        waited_s=_number(said.get("waited", "")),
        asked=said.get("asked", "") == "1",
        owed=said.get("owed", "") != "0",
        call_back_id=said.get("callback", ""),
        direction="out" if said.get("dir") == "out" else "in",
        escaped=said.get("escaped", "") == "1",
    )


def read_line(line: bytes) -> IncomingCall:
    """The report in one line the dialplan wrote down: the query it would have sent; tainted when it is none.

    >>> read_line(b"uid=1795413703.0&end=qs%3DTIMEOUT").ended
    'qs=TIMEOUT'
    """
    fields: dict[str, str] = {}
    for pair in line.strip().split(b"&"):
        name, _, value = pair.partition(b"=")
        field = QUERY_NAMES.get(name.decode(errors="replace"))
        if field is not None:
            fields.setdefault(field, unquote_to_bytes(value).decode(errors="replace"))
    call = IncomingCall(**fields)
    if not call.ended or not call.uniqueid:
        return call._replace(tainted="no report of an end")
    if not "".join(fields.values()).isprintable():
        return call._replace(tainted="control character in the report of an end")
    return call


def began(report: EndReport, call: IncomingCall, number: str, at_s: float) -> BeganCall:
    """How a call began of which only its end is known: nobody routed it, or whoever did was killed."""
    return BeganCall(
        call.uniqueid,
        call.linkedid,
        min(float(report.rang_at_s), at_s) or at_s,
        number,
        call.called_number,
        report.caller_class,
        report.branch,
        report.queue,
        report.head_start_s,
        report.promised_wait_s,
    )


def concluded(report: EndReport | None, began: BeganCall, service: Service, at_s: float) -> EndedCall:
    """What became of the call that began as `began` and ended at `at_s`; without a `report` only the queues tell.

    It was answered when the queues' events say who spoke, else when the dialplan's own variables do. An event
    of a caller who left a queue unanswered says nothing: app_queue sends it for a time limit, too.
    """
    told = EndReport() if report is None else report
    at_s = max(at_s, began.at_s)
    agent, talked_s = _who_spoke(told, service, began, at_s)
    since_s = min(told.waits_since_s, at_s) or at_s
    ended = EndedCall(
        began.uniqueid,
        began.linkedid,
        began.at_s,
        at_s,
        began.number,
        began.line,
        told.direction,
        caller_class=told.caller_class or began.caller_class,
        branch=told.branch or began.branch,
        queue=told.queue or began.queue,
        head_start_s=told.head_start_s or began.head_start_s,
        promised_wait_s=told.promised_wait_s or began.promised_wait_s,
        agent=agent,
        waited_s=float(service.waited_s or told.waited_s or max(0.0, at_s - talked_s - since_s)),
        talked_s=talked_s,
        call_back=told.owed,
        call_back_id=told.call_back_id,
        waits_since_s=float(min(told.waits_since_s, at_s)),
        escaped=told.escaped,
    )
    if agent:
        return ended._replace(outcome="answered", how="transferred" if service.ending == "transfer" else "talked")
    return ended if report is None else ended._replace(outcome="missed", how=_how_missed(report, began))


def _who_spoke(report: EndReport, service: Service, began: BeganCall, at_s: float) -> tuple[str, float]:
    """The agent, empty for nobody, and for how long; of a call the house made only its own dial tells."""
    if report.direction == "out":
        return (report.member or "somebody", float(report.answered_s)) if report.dial_status == "ANSWER" else ("", 0.0)
    if service.agent:
        since_s = max(float(report.waits_since_s), began.at_s) + service.waited_s
        # the call may end a moment before its AgentComplete has come
        talked_s = service.talked_s if service.ending else report.answered_s or max(0.0, at_s - since_s)
        return service.name or service.agent, float(talked_s)
    if report.member and not report.abandoned:
        return report.member, float(report.answered_s)
    if report.dial_status == "ANSWER" and report.answered_s:
        return report.dialled.rpartition("-")[0] or report.dialled or "somebody", float(report.answered_s)
    return "", 0.0


def _how_missed(report: EndReport, began: BeganCall) -> HowEnded:
    if report.direction == "out":  # nobody was dialled: no agent was reached for it, or no number
        return "" if report.dial_status else "no-way-out" if report.member else "nobody-there"
    if report.asked:
        return "call-back-asked"
    if report.queue_status == "TIMEOUT":
        return "timed-out"
    if report.queue_status == "WITHDRAW":
        return "withdrawn"
    if report.queue_status in NOBODY_THERE:
        return "nobody-there"
    waited = report.waits_since_s or report.dial_status or report.queue or began.queue
    return "abandoned" if waited or not began.branch else "informed"


def _number(text: str) -> int:
    """A whole number not below 0; anything else counts as 0, and more than NUMBER_MAX as that."""
    digits = text.partition(".")[0]
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return min(int(digits[:20]), NUMBER_MAX)
