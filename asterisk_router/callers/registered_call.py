"""What the registry keeps of every call, answered or not: how it began and how it ended."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .caller import CallOutcome

Direction = Literal["in", "out"]
"""`in`: somebody called the house; `out`: the house called them."""

HowEnded = Literal[
    "",
    "talked",
    "transferred",
    "abandoned",
    "timed-out",
    "nobody-there",
    "withdrawn",
    "call-back-asked",
    "informed",
    "no-way-out",
]
"""How the call ended, beyond answered or missed: empty when nobody can tell."""


class BeganCall(NamedTuple):
    """A call at the moment it was decided, or decided anew after a choice in a menu: what holds of it from then on."""

    uniqueid: str
    """Asterisk's unique ID of the caller's channel: the call's name everywhere."""
    linkedid: str
    """Asterisk's linked ID, common to all channels of the call."""
    at_s: float
    """When it rang, in seconds since 1970 UTC."""
    number: str
    """Canonical caller number; empty when withheld or malformed."""
    line: str
    """The number called (DID) as the trunk wrote it."""
    caller_class: str = ""
    """Class by the policy; empty when nothing could be decided."""
    branch: str = ""
    """Branch the call was sent to."""
    queue: str = ""
    """Queue chosen, as the policy calls it."""
    head_start_s: int = 0
    """Waiting granted in advance."""
    promised_wait_s: int = 0
    """The wait promised to the class."""
    rule: str = ""
    """The classify rule that won."""
    policy_version: str = ""
    """Version of the policy that decided."""
    degraded: bool = False
    """Whether something needed for a full decision was missing."""
    choice: str = ""
    """The choice in a menu after which the call was decided anew, and this is no beginning; empty for a beginning."""
    trust: int = 0
    """Trust in the number, 0 (E0) to 4 (E4)."""
    reason: str = ""
    """Every rule that took part, with file:line."""
    latency_ms: float = 0.0
    """From the moment the call asked until its answer was sent, in milliseconds."""
    facts: str = ""
    """What the rules asked about the call, as it was: `tag('vip')=yes; queue('sales').free=0`."""


class EndedCall(NamedTuple):
    """A call at its end; whole in itself, for what was noted at its beginning may be lost with a killed daemon."""

    uniqueid: str
    """As of BeganCall."""
    linkedid: str
    """As of BeganCall."""
    began_at_s: float
    """When it rang, in seconds since 1970 UTC."""
    ended_at_s: float
    """When it ended, in seconds since 1970 UTC."""
    number: str
    """Canonical number of the other side; empty when unknown."""
    line: str
    """The number called (DID) as the trunk wrote it."""
    direction: Direction = "in"
    """Who called whom."""
    outcome: CallOutcome = "unknown"
    """`answered` when a person of the house and the caller spoke, else `missed`."""
    how: HowEnded = ""
    """How it ended."""
    caller_class: str = ""
    """Class by the policy."""
    branch: str = ""
    """Branch the call was sent to."""
    queue: str = ""
    """Queue it waited in last, as the policy calls it."""
    head_start_s: int = 0
    """Waiting granted in advance."""
    promised_wait_s: int = 0
    """The wait promised to the class."""
    agent: str = ""
    """Who spoke: the member's name or interface, the agent's name of the policy where it knows the interface."""
    waited_s: float = 0.0
    """From the moment the caller began to wait to the answer, or to the end."""
    talked_s: float = 0.0
    """How long they spoke."""
    call_back: bool = True
    """Whether a missed call of this class is owed a call-back."""
    call_back_id: str = ""
    """The person whose call-back this call was (their chief number); empty for any other call."""
    waits_since_s: float = 0.0
    """When the caller began to wait, in seconds since 1970 UTC, kept over menus and queues; 0 when they never did."""
    escaped: bool = False
    """Whether the caller met the decoy and left it for a person."""


class Gap(NamedTuple):
    """A place where the registry knows that something is missing: said, never passed over in silence."""

    records: int
    """How many records of calls (beginnings and ends) were lost."""
    from_s: float
    """Nothing before this moment is missing, in seconds since 1970 UTC; 0 when nobody can tell."""
    to_s: float
    """Nor after this one."""
    why: str = ""
    """What happened (`disk full and Redis away`, `journal damaged: FILE`)."""


Registered = BeganCall | EndedCall | Gap
"""Everything the registry keeps."""
