"""What is written down of a call's facts: what the rules asked, as the decision met it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router._native import PLAIN_ONLY
from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.policy.facts import facts_seen
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.events import LineListed, MemberListed, QueueListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1_764_147_600  # Wednesday 2025-11-26 10:00 in Bratislava
NUMBER = "+42125550100"
RULES = """
[policy]
name = "seen"
timezone = "Europe/Bratislava"
[schedules.office]
open = ["mon-fri 09:00-17:00"]
[queues.sales]
[classes]
vip = { branch = "sales" }
default = { branch = "default" }
[[classify]]
name = "r0"
when = "tag('vip') or tag('gold') or value >= 1000"
class = "vip"
[[classify]]
name = "r1"
when = "calls(days=7) > 2 and open('office') and queue('sales').free == 0 and choice == '8'"
class = "vip"
[[classify]]
name = "r2"
when = "value < 0 and trust >= E1"
class = "vip"
[[classify]]
name = "rest"
class = "default"
"""


@pytest.fixture(scope="module", params=["compiled", "plain"])
def policy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Policy]:
    file: Path = tmp_path_factory.mktemp("p") / "seen.toml"
    file.write_text(RULES)
    before = os.environ.get(PLAIN_ONLY, "")
    os.environ[PLAIN_ONLY] = "1" if request.param == "plain" else before
    loaded = load(str(file))
    line(loaded)  # which twin is chosen when it is first asked
    os.environ[PLAIN_ONLY] = before
    yield loaded


def line(policy: Policy, caller: Caller = Caller.UNKNOWN, at_s: int = AT_S, live=LiveLine.UNKNOWN, **asked) -> str:
    call = IncomingCall(NUMBER, "+42120550000", **asked)
    number = policy.numbering.normalise(NUMBER)
    return policy.facts_seen(policy.situation(call, number, caller, at_s, 1, False, live))


def test_every_fact_the_rules_ask_about_is_there_once_and_what_is_no_is_left_out(policy: Policy) -> None:
    caller = Caller((NUMBER,), tags=(Tag("gold"), Tag("other")), value=12, history=History(3))
    live = LiveLine("pbx")
    live.apply(LineListed((QueueListed("sales", (MemberListed("PJSIP/anna", status=2),)),)), AT_S)
    live.heard(AT_S)
    assert line(policy, caller, live=live, choice="8") == (
        "open('office')=yes; tag('gold')=yes; value=12; calls(days=7)=0; queue('sales').free=0; choice=8; trust=E1"
    )


def test_what_is_not_known_is_said_to_be_unknown_and_the_clock_goes_on(policy: Policy) -> None:
    night = line(policy, at_s=AT_S + 12 * 3600)
    assert "open" not in night and "queue('sales').free=unknown" in night
    assert line(policy).startswith("open('office')=yes; ")


def test_a_tag_that_is_over_is_no_tag(policy: Policy) -> None:
    assert "gold" not in line(policy, Caller((NUMBER,), tags=(Tag("gold", expires_at_s=AT_S - 1),)))


def test_each_value_is_worded_as_itself_however_many_there_are(policy: Policy) -> None:
    for value in (*range(3 * facts_seen.MOST_WORDED), 0, 1):
        assert f"; value={value}; " in line(policy, Caller((NUMBER,), value=value))
        assert f"; choice={value}; " in line(policy, choice=str(value))
    assert "choice" not in line(policy)


def test_the_line_is_bounded(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_seen, "MOST_CHARACTERS", 30)
    cut = line(policy)
    assert len(cut) == 30 and cut.endswith("...")
    monkeypatch.setattr(facts_seen, "MOST_FACTS", 2)
    few = facts_seen.FactsSeen(policy.rules, policy.gatherer.readers_of)
    call, number = IncomingCall(NUMBER, ""), policy.numbering.normalise(NUMBER)
    assert few.line(policy.situation(call, number, Caller.UNKNOWN, AT_S, 1, False)) == ""
