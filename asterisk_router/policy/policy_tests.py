"""`[[test]]`: calls a policy must decide as it says, run at every load."""

from __future__ import annotations

from typing import Any

from ..callers.caller import Caller, History, PastCall, Tag
from ..callers.trust import trust_of
from ..wire.incoming_call import IncomingCall
from .decision import Decision
from .entries import Entries
from .facts import TRUST_LEVELS
from .policy import Policy
from .schedules import zone
from .words import duration_of

_OF_CALL = ("trunk", "presentation", "attestation", "verification", "redirecting_number", "choice")
_OF_CALLER = ("value", "orders", "own_agent", "language")


def run_tests(policy: Policy, entries: Entries) -> None:
    """Decide every test's call; whatever comes out otherwise than expected becomes a fault."""
    head = entries.one("policy")
    timezone = head.fields.get("timezone", "UTC") if head else "UTC"
    for entry in entries.of("test"):
        decision = decided(policy, entry.fields, timezone)
        for key, wanted in entry.fields["expect"].items():
            got = _outcome(policy, decision, key)
            if got != wanted:
                problem = f"test {entry.fields['name']!r}: {key} is {_shown(key, got)}, not {_shown(key, wanted)}"
                faults = entry.document.fault_inside((*entry.path, "expect", key), problem, decision.reason)
                entries.faults.append(faults)


def decided(policy: Policy, given: dict[str, Any], timezone: str) -> Decision:
    """The decision for the call that the keys of a `[[test]]` describe."""
    moment = given["at"]
    at_s = (moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone))).timestamp()
    call = IncomingCall(
        caller_number=given.get("number", ""),
        called_number=given.get("line", ""),
        language=given.get("channel_language", ""),
        **{key: given[key] for key in _OF_CALL if key in given},
    )
    number = policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
    degraded = given.get("degraded", False)
    caller = Caller.UNKNOWN if degraded or not number.key else _caller(given, number.key, at_s)
    return policy.decide(call, number, caller, at_s, given.get("trust", trust_of(call, number)), degraded)


def _caller(given: dict[str, Any], key: str, at_s: float) -> Caller:
    calls = given.get("calls", ())
    recent = tuple(PastCall(int(at_s) - ago_s, outcome) for ago_s, outcome in calls)
    history = History(
        len(recent),
        recent[0].at_s if recent else 0,
        recent[-1].at_s if recent else 0,
        given.get("last_agent", ""),
        recent,
    )
    on_record = any(name in given for name in (*_OF_CALLER, "tags", "calls", "known", "name_of_caller", "open_matters"))
    return Caller(
        numbers=(key,) if on_record and given.get("known", True) else (),
        name=given.get("name_of_caller", ""),
        tags=tuple(Tag(name) for name in given.get("tags", ())),
        open_matters=given.get("open_matters", ()),
        history=history,
        **{name: given[name] for name in _OF_CALLER if name in given},
    )


_FIELD_OF = {
    "class": "caller_class",
    "head_start": "head_start_s",
    "promised_wait": "promised_wait_s",
    "screen": "screen_name",
    "desk": "agent",
}


def _outcome(policy: Policy, decision: Decision, key: str) -> Any:
    if key == "agent":
        return next((name for name, agent in policy.agents.items() if agent.desk == decision.agent), "none")
    return getattr(decision, _FIELD_OF.get(key, key))


def _shown(key: str, value: Any) -> str:
    if key in ("head_start", "promised_wait"):
        return duration_of(value)
    if key == "trust":
        return TRUST_LEVELS[value]
    return str(value).lower() if isinstance(value, bool) else repr(value)
