"""What sets one call apart from another, in the keys of a `[[test]]`: so that anybody can try it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from ...callers.tags import why_not_approved
from ..facts.readers import counts
from ..facts.table import TRUST_LEVELS
from ..file.words import duration_of
from ..schedules import zone
from ..situation import Situation
from .loads import agents_of, answers_of

if TYPE_CHECKING:
    from ..policy import Policy

_OF_CALL = {
    "caller_number": "number", "called_number": "line", "trunk": "trunk", "presentation": "presentation",
    "attestation": "attestation", "verification": "verification", "redirecting_number": "redirecting_number",
    "choice": "choice", "asserted": "asserted", "proven": "proven", "language": "channel_language",
}  # fmt: skip
"""Fields of a call that a `[[test]]` writes, and how it calls them."""

_OF_CALLER = ("value", "orders", "own_agent", "language", "open_matters")


def as_written(policy: Policy, before: Situation, after: Situation) -> dict[str, Any]:
    """The keys of a `[[test]]` that lead from one call to the other, with their values; a moment names its offset."""
    keys: dict[str, Any] = {}
    if after.at_s != before.at_s:
        moment = datetime.datetime.fromtimestamp(after.at_s, zone(policy.house.timezone))
        keys["at"] = moment.isoformat(timespec="minutes")
    for field, key in _OF_CALL.items():
        if getattr(after.call, field) != getattr(before.call, field):
            keys[key] = getattr(after.call, field)
    if after.trust != before.trust or _follows(policy, before) and not _follows(policy, after):
        keys["trust"] = TRUST_LEVELS[after.trust]
    if after.degraded != before.degraded:
        keys["degraded"] = after.degraded
    if after.identified and (after.caller != before.caller or after.at_s != before.at_s):
        keys |= _of_caller(before, after)
    if after.live is not before.live:
        load = _load(policy, after)
        if load != _load(policy, before):
            keys["load"] = load
    return keys


def _follows(policy: Policy, s: Situation) -> bool:
    """Whether the trust is what follows from the call itself."""
    return s.trust == policy.trust_of(s.call, s.number)


def _of_caller(before: Situation, after: Situation) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for name in _OF_CALLER:
        if getattr(after.caller, name) != getattr(before.caller, name):
            keys[name] = getattr(after.caller, name)
    for key, approved in (("tags", False), ("approved", True)):
        names = _counting(after, approved)
        if names != _counting(before, approved):
            keys[key] = names
    history, earlier = after.caller.history, before.caller.history
    if history.last_agent != earlier.last_agent:
        keys["last_agent"] = history.last_agent
    if _calls(after) != _calls(before):
        keys["calls"] = _calls(after)
    known = bool(after.caller.numbers)
    if known != bool(before.caller.numbers) and not (known and keys.keys() - {"last_agent"}) or keys and not known:
        keys["known"] = known  # else it follows from the rest
    return keys


def _counting(s: Situation, approved: bool) -> list[str]:
    """Tags that count and a second person approved, or those that nobody did."""
    counting = [tag for tag in s.caller.tags if counts(tag, s.at_s, s.trust)]
    return [tag.name for tag in counting if (not why_not_approved(tag, s.at_s)) == approved]


def _calls(s: Situation) -> list[str]:
    """Earlier calls by how long ago they rang."""
    recent = s.caller.history.recent
    ended = {"unknown": ""}
    return [
        f"{duration_of(int(s.at_s) - past.at_s)} {ended.get(past.outcome, past.outcome)}".rstrip() for past in recent
    ]


def _load(policy: Policy, s: Situation) -> dict[str, Any]:
    answers = answers_of(s.live, policy.queue_rules.values(), s.at_s)
    load: dict[str, Any] = {}
    for name, queue in policy.queue_rules.items():
        for attribute in ("free", "waiting", "longest_wait", "expected_wait"):
            answer = answers.get((queue.asterisk, attribute))
            if answer is not None:
                load[f"{name}.{attribute}"] = duration_of(answer) if attribute.endswith("wait") else answer
    desks = agents_of(s.live, policy.agents.values(), s.at_s)
    load |= {f"{name}.free": desks[agent.desk] for name, agent in policy.agents.items() if agent.desk in desks}
    return load
