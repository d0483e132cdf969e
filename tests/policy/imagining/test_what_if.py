"""What would have to change is true when tried: for every call that the shipped policies test themselves by."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.imagining.what_if import SET_ASIDE, Change, WhatIf, what_ifs
from asterisk_router.policy.load import shipped
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.random_calls import call_at_random, pool_of
from tests.policy.random_policies import made_up
from tests.policy.shipped_calls import PolicyCall, calls_of
from tests.policy.written_policy import AT_S, NUMBER, policy_of

GROUPS = (
    ("at",), ("line",), ("number", "presentation"), ("trust", "attestation", "verification"), ("tags",), ("calls",),
    ("load",), ("value",), ("orders",), ("own_agent",), ("last_agent",), ("language",), ("open_matters",), ("choice",),
    ("trunk",), ("redirecting_number",), ("channel_language",), ("degraded",),
)  # fmt: skip
"""Keys of a test that are one thing to imagine; whether the caller is known follows from the others."""


def does(decision: Decision, before: Decision, what_if: WhatIf) -> bool:
    """Whether a decision shows what was claimed of a rule."""
    took_part = f"{what_if.step} {what_if.name} {what_if.where}" in decision.reason
    if what_if.name == what_if.where:
        took_part = f"{what_if.step} {what_if.where}" in decision.reason
    if what_if.step != "classify" and decision.caller_class != before.caller_class:
        return False
    return took_part == (what_if.would in ("win", "add"))


def forgotten_in(claim: WhatIf) -> bool:
    """Whether the caller would never have been seen: then nothing is on record of them."""
    return any(change.fact == "seen" and change.instead == "no" for change in claim.changes)


def parts_of(claim: WhatIf) -> list[dict[str, Any]]:
    """What there is to imagine, each by itself; whether the caller is known goes with every part."""
    call = claim.call
    forgotten = forgotten_in(claim)
    of_number = "number" in call or "presentation" in call  # trust follows from the number
    groups = {"number": ("trust",)} if of_number else {}
    groups |= {"at": ("calls",)} if "at" in call else {}  # how long ago follows from the moment
    if forgotten:  # nothing is on record of somebody never seen
        groups["known"] = ("tags", "calls", "value", "orders", "own_agent", "last_agent", "language", "open_matters")
    taken = {key for keys in groups.values() for key in keys}
    parts = []
    for keys in (*GROUPS, ("known",) if forgotten else ()):
        with_more = (*keys, *groups.get(keys[0] if keys else "", ()))
        parts.append({key: call[key] for key in with_more if key in call and (key not in keys or key not in taken)})
    return [part for part in parts if part]


CALLS = [each for name in shipped() for each in calls_of(name)]


@pytest.mark.parametrize("tested", CALLS, ids=lambda each: each.fields["name"])
def test_every_claim_is_true_when_tried_and_no_part_of_it_is_enough(tested: PolicyCall) -> None:
    before = tested.decided()
    claims = what_ifs(tested.policy, tested.situation())
    for claim in claims:
        if claim.why_not:
            assert not claim.call and not claim.then
            continue
        tried = tested.decided(claim.call)
        assert does(tried, before, claim), claim
        now = before._asdict()
        assert {key: value for key, value in tried._asdict().items() if value != now[key]} == claim.then, claim
        assert claim.changes and all(change.seen != change.instead for change in claim.changes)
        parts = parts_of(claim)
        known = {"known": claim.call["known"]} if "known" in claim.call else {}
        for count in range(len(parts)):
            for some in combinations(parts, count):
                fewer = {key: value for part in some for key, value in part.items()}
                fewer |= known if some and not forgotten_in(claim) else {}
                assert not does(tested.decided(fewer), before, claim), (fewer, claim)


def test_what_is_not_found_leads_out_of_the_class() -> None:
    for tested in CALLS:
        for claim in what_ifs(tested.policy, tested.situation()):
            known = ("it matches every call", SET_ASIDE)
            assert claim.step != "classify" or not claim.why_not or claim.why_not.startswith(known), claim


HOUSE = """\
[[classify]]
name = "big"
when = "value >= 1000 and (orders > 2 or tag('vip'))"
class = "incident"
[[classify]]
name = "tried twice"
when = "missed(days=2) >= 2 or open_matter('deal')"
class = "caller"
[[treat]]
name = "closed"
when = "not open('office')"
branch = "callback"
[[treat]]
name = "under the bar"
when = "under_bar('sales') and not tag('spared')"
branch = "callback"
[[bonus]]
name = "agent is there"
when = "agent(own).free"
head_start = "1m"
"""


def claims_of(folder: Path, caller: Caller, degraded: bool = False, **call: str) -> dict[tuple[str, str], WhatIf]:
    policy = policy_of(folder, HOUSE)
    s = policy.situation(IncomingCall(**call), NUMBER, caller, AT_S, 1, degraded, LiveLine.UNKNOWN)
    return {(claim.name, claim.would): claim for claim in what_ifs(policy, s)}


def test_fewest_facts_and_nearest_values(tmp_path: Path) -> None:
    claims = claims_of(tmp_path, Caller((NUMBER.key,), value=400, orders=1, tags=(Tag("vip"),)))
    assert claims["big", "win"].changes == (Change("value", "400", "1000"),)
    assert claims["big", "win"].then["caller_class"] == "incident"
    assert claims["tried twice", "win"].changes == (Change("missed(days=2)", "0", "2"),)
    assert claims["everybody else", "lose"].why_not == "it matches every call"
    assert claims["closed", "win"].call == {"at": "2026-03-02T07:59+00:00"}, "the nearest moment: at nine"


def test_a_bar_is_reached_by_the_load_and_an_agent_is_the_callers_own(tmp_path: Path) -> None:
    claims = claims_of(tmp_path, Caller((NUMBER.key,), value=400))
    assert claims["under the bar", "win"].call == {"load": {"sales.expected_wait": "30s"}}
    assert claims["under the bar", "win"].changes == (Change("under_bar('sales')", "unknown", "yes"),)
    own = claims["agent is there", "add"].call
    assert (own["own_agent"], own["load"]) == ("anna", {"anna.free": True})


def test_whoever_won_loses_by_every_alternative_at_once(tmp_path: Path) -> None:
    calls = (PastCall(int(AT_S) - 900, "missed"), PastCall(int(AT_S) - 600, "missed"))
    history = History(2, calls[0].at_s, calls[1].at_s, "", calls)
    claims = claims_of(tmp_path, Caller((NUMBER.key,), open_matters=("deal",), history=history))
    lost = claims["tried twice", "lose"]
    assert [(change.fact, change.seen, change.instead) for change in lost.changes] == [
        ("missed(days=2)", "2", "1"), ("open_matter('deal')", "yes", "no"),
    ]  # fmt: skip
    assert lost.then["rule"] == "everybody else"


def test_without_the_store_a_change_of_the_caller_needs_its_answer(tmp_path: Path) -> None:
    claims = claims_of(tmp_path, Caller.UNKNOWN, degraded=True)
    claim = claims["tried twice", "win"]
    assert claim.changes == (Change("missed(days=2)", "unknown", "2"),)
    assert claim.call == {"degraded": False, "calls": ["11m missed", "10m missed"]}


def test_nothing_of_a_tainted_call_is_believed(tmp_path: Path) -> None:
    assert claims_of(tmp_path, Caller.UNKNOWN, tainted="keys out of order") == {}


def test_one_who_has_not_the_class_is_told_so(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, HOUSE + "[[bonus]]\nwhen = \"in_class('incident')\"\nhead_start = '1m'\n")
    s = policy.situation(IncomingCall(), NUMBER, Caller.UNKNOWN, AT_S, 1, False, LiveLine.UNKNOWN)
    assert what_ifs(policy, s)[-1].why_not == "not for class caller"


def test_policies_nobody_would_write_are_answered_too(tmp_path: Path) -> None:
    random = Random(4)
    found = 0
    for _ in range(6):
        policy = made_up(random, tmp_path)
        pool = pool_of(policy, random)
        for _ in range(5):
            s = call_at_random(pool, random)
            for claim in what_ifs(policy, s):
                assert bool(claim.changes) is bool(claim.call) is not bool(claim.why_not), claim
                assert all(change.seen != change.instead for change in claim.changes), claim
                found += bool(claim.changes)
    assert found > 100
