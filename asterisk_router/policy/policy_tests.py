"""`[[test]]`: calls a policy must decide as it says, run at every load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..callers.caller import Caller, History, PastCall, Tag
from ..callers.tags import APPROVED_S
from ..errors import PolicyFault
from ..queues.live_line import LiveLine
from ..wire.incoming_call import IncomingCall
from .decision import Decision
from .facts.table import TRUST_LEVELS
from .file.entries import Entries, Entry
from .file.words import duration_of
from .imagining.line import imagined_line
from .policy import Policy
from .schedules import zone
from .situation import NO_DECOY, DecoySwitch, LiveAnswers, Situation

_OF_CALL = (
    "trunk",
    "presentation",
    "attestation",
    "verification",
    "redirecting_number",
    "choice",
    "asserted",
    "proven",
)
_OF_CALLER = ("value", "orders", "own_agent", "language")


def run_tests(policy: Policy, entries: Entries) -> None:
    """Decide every test's call; whatever comes out otherwise than expected becomes a fault."""
    timezone = _timezone(entries)
    for entry in entries.of("test"):
        before = len(entries.faults)
        live = _live(policy, entry, entries.faults)
        if len(entries.faults) > before:
            continue
        decision = decided(policy, entry.fields, timezone, live)
        for key, wanted in entry.fields["expect"].items():
            got = _outcome(policy, decision, key)
            if got != wanted:
                problem = f"test {entry.fields['name']!r}: {key} is {_shown(key, got)}, not {_shown(key, wanted)}"
                faults = entry.document.fault_inside((*entry.path, "expect", key), problem, decision.reason)
                entries.faults.append(faults)


def situations(policy: Policy, entries: Entries) -> Iterator[Situation]:
    """The call of every test, as rules see it; of tests that have passed `run_tests` without a fault of their own."""
    timezone = _timezone(entries)
    for entry in entries.of("test"):
        yield situation_of(policy, entry.fields, timezone, _live(policy, entry, []))


def _timezone(entries: Entries) -> str:
    head = entries.one("policy")
    timezone: str = head.fields.get("timezone", "UTC") if head else "UTC"
    return timezone


def _live(policy: Policy, entry: Entry, faults: list[PolicyFault]) -> LiveAnswers:
    """The live line that `load` of a test describes; unknown where it is left out."""
    if "load" not in entry.fields:
        return LiveLine.UNKNOWN

    def complain(keys: tuple[str, ...], problem: str, remedy: str) -> None:
        faults.append(entry.document.fault_inside((*entry.path, "load", *keys), problem, remedy))

    return imagined_line(entry.fields["load"], policy.queue_rules, policy.agents, complain)


def decided(policy: Policy, given: dict[str, Any], timezone: str, live: LiveAnswers = LiveLine.UNKNOWN) -> Decision:
    """The decision for the call that the keys of a `[[test]]` describe, with the line in the state of `live`."""
    situation = situation_of(policy, given, timezone, live)
    return policy.decide_as_it_stands(situation)


def situation_of(policy: Policy, given: dict[str, Any], timezone: str, live: LiveAnswers) -> Situation:
    """The call that the keys of a `[[test]]` describe."""
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
    trust = given.get("trust", policy.trust_of(call, number))
    decoy = DecoySwitch("", "the test") if given.get("decoy") else NO_DECOY
    return policy.situation(call, number, caller, at_s, trust, degraded, live, decoy)


def approved_tag(name: str, at_s: float) -> Tag:
    """A tag as it is at `at_s` when a second person has approved it the day before, for 30 days."""
    day_before_s = int(at_s) - 86_400
    return Tag(
        name, "somebody", "imagined", created_at_s=day_before_s, expires_at_s=day_before_s + APPROVED_S,
        set_by="somebody", approved_by="somebody else", approved_at_s=day_before_s,
    )  # fmt: skip


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
    on_record = any(
        name in given for name in (*_OF_CALLER, "tags", "approved", "calls", "known", "name_of_caller", "open_matters")
    )
    return Caller(
        numbers=(key,) if on_record and given.get("known", True) else (),
        name=given.get("name_of_caller", ""),
        tags=(
            *(Tag(name) for name in given.get("tags", ())),
            *(approved_tag(name, at_s) for name in given.get("approved", ())),
        ),
        open_matters=given.get("open_matters", ()),
        history=history,
        **{name: given[name] for name in _OF_CALLER if name in given},
    )


_FIELD_OF = {
    "class": "caller_class",
    "head_start": "head_start_s",
    "promised_wait": "promised_wait_s",
    "expected_wait": "expected_wait_s",
    "agent_wait": "agent_wait_s",
    "screen": "screen_name",
    "desk": "agent",
}


def _outcome(policy: Policy, decision: Decision, key: str) -> Any:
    if key == "agent":
        return next((name for name, agent in policy.agents.items() if agent.desk == decision.agent), "none")
    return getattr(decision, _FIELD_OF.get(key, key))


def _shown(key: str, value: Any) -> str:
    if key in ("head_start", "promised_wait", "expected_wait", "agent_wait"):
        return duration_of(value)
    if key == "trust":
        return TRUST_LEVELS[value]
    return str(value).lower() if isinstance(value, bool) else repr(value)
