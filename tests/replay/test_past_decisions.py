"""Past calls that are decided alike share a decision; whatever a rule may tell apart does not."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.callers.history import add_call
from asterisk_router.policy.facts.table import FACTS
from asterisk_router.policy.guard.claims import Claims
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.replay.past_call import LoggedCall
from asterisk_router.replay.past_decisions import ClaimsThen, PastDecisions
from asterisk_router.replay.replayed_callers import ReplayedCallers
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1772442000
DAY_S = 86_400
TOLD = ("e164", "SK", 1, "", "", "", (), 0)
BRANCHES = """[policy]
name = "one"
timezone = "Europe/Bratislava"
[numbering]
country = "SK"
[branches]
default = { meaning = "Everybody." }
[classes.some]
branch = "default"
head_start = "1m"
[classes.others]
branch = "default"
[schedules.day]
open = ["mon-sun 08:00-18:00"]
[lines."+42120550000"]
open = "day"
"""


def asking(condition: str, folder: Path) -> Policy:
    """A policy with one condition, under which a call has a class of its own."""
    path = folder / "one.toml"
    rules = f'[[classify]]\nname = "asked"\nwhen = "{condition}"\nclass = "some"\n[[classify]]\nname = "else"\n'
    path.write_text(BRANCHES + rules + 'class = "others"\n')
    return load(str(path))


@pytest.mark.parametrize(
    "condition",
    [
        "seen", "calls() >= 2", "calls(days=2) >= 2", "answered() >= 1", "answered(days=3) >= 1", "missed() >= 2",
        "missed(hours=30) >= 1", "missed_since_answer >= 2", "missed_since_answer == 0", "days_since_last_call >= 3",
        "value >= 1000", "language == 'de'", "country == 'AT'", "number_kind == 'withheld'", "trust >= E3",
        "tag('vip')", "prefix('+42125550')", "share(30)", "line == '+42120550000'", "line.open", "not line.open",
        "open('day')", "hour >= 12", "time >= '12:07'", "weekday == 'mon'", "trunk == 'vienna'",
        "choice == 'complaint'", "degraded or redirected",
    ],
)  # fmt: skip
def test_a_shared_decision_is_the_one_the_call_would_have_had(condition: str, tmp_path: Path) -> None:
    policy = asking(condition, tmp_path)
    together, dice, histories = ReplayedCallers([policy], False), Random(7), dict[str, History]()
    at_s, classes = AT_S, set()
    for n in range(1500):
        at_s += dice.choice((0, 60, 3600, 30 * 3600, 5 * DAY_S))
        call = LoggedCall(
            n, at_s, dice.choice(("+421255501234", "+43155501234", "+12025550100", "anonymous", "+421255505678")),
            dice.choice(("+42120550000", "+42120550009")), dice.choice(("answered", "missed", "missed", "unknown")),
            trunk=dice.choice(("", "vienna")), choice=dice.choice(("", "", "complaint")),
            language=dice.choice(("", "de")), tags=dice.choice(((), (), ("vip",))), value=dice.choice((0, 0, 5000)),
            trust=dice.choice((-1, 3)),
        )  # fmt: skip
        number = policy.numbering.normalise(call.caller, "", call.trunk)
        incoming = IncomingCall(call.caller, call.called, trunk=call.trunk, choice=call.choice)
        history = histories.get(number.key, History())
        known = (number.key,) if number.key and (call.tags or call.value) else ()
        caller = Caller(known, "", tuple(map(Tag, call.tags)), call.value, 0, call.language, history=history)
        trust = policy.trust_of(incoming, number) if call.trust < 0 else call.trust
        situation = policy.situation(incoming, number, caller, at_s, trust, False)
        alone = policy.in_full(situation, policy.walk(situation)).caller_class
        assert together.decide(call).sides[0].caller_class == alone
        classes.add(alone)
        if number.key:
            line = policy.line_of(call.called).number or call.called
            histories[number.key] = add_call(history, at_s, line, call.outcome)
    assert classes == {"some", "others"} or condition == "degraded or redirected"


def lifting(folder: Path, least: str) -> Policy:
    """A policy that lifts whoever carries a tag, at a trust or above."""
    path = folder / "lifting.toml"
    rules = "[[classify]]\nname = 'asked'\nwhen = \"tag('vip')\"\nclass = 'some'\n[[classify]]\nname = 'else'\n"
    path.write_text(f"{BRANCHES}[trust]\nhead_start = '{least}'\n{rules}class = 'others'\n")
    return load(str(path))


@pytest.mark.parametrize(
    ("least", "trust", "refused", "head_start_s"),
    [
        ("E1", -1, "", 60), ("E2", -1, "", 0), ("E2", 2, "", 60), ("E1", -1, "head_start", 0),
        ("E1", -1, "incident", 60), ("E1", 2, "head_start", 60), ("E1", 0, "", 0),
    ],
)  # fmt: skip
def test_what_the_trust_does_not_open_or_was_refused_then_is_withheld(
    least: str, trust: int, refused: str, head_start_s: int, tmp_path: Path
) -> None:
    policy = lifting(tmp_path, least)
    callers = ReplayedCallers([policy], False)
    call = LoggedCall(1, AT_S, "+12025550100", tags=("vip",), trust=trust)
    for each in (call, call._replace(refused=refused), call, call._replace(refused=refused)):
        (side,) = callers.decide(each).sides
    assert side.head_start_s == head_start_s
    number = policy.numbering.normalise(call.caller)
    caller = Caller((number.key,), tags=(Tag("vip"),))
    known = 1 if trust < 0 else trust
    claims = Claims.NONE if refused == "head_start" else ClaimsThen("")
    live = policy.decide_as_it_stands(
        policy.situation(IncomingCall(call.caller), number, caller, AT_S, known, False), claims
    )
    assert (live.caller_class, live.head_start_s) == (side.caller_class, head_start_s)


def test_calls_are_alike_when_windows_are_over_and_the_clock_says_the_same() -> None:
    policy = load("shop")
    decisions = PastDecisions(policy)
    missed = add_call(History(), AT_S, "", "missed")
    later_s = AT_S + 8 * DAY_S
    number = policy.numbering.normalise("+421255501234")
    for at_s in (AT_S + 6 * DAY_S, later_s, later_s + 7 * DAY_S):
        situation = policy.situation(IncomingCall("+421255501234"), number, Caller(history=missed), at_s, 1, False)
        side = decisions.decide(situation, decisions.kind_of(at_s, "", missed, TOLD))
    assert decisions.kind_of(AT_S + 6 * DAY_S, "", missed, TOLD) is None, "the call is within the week that is counted"
    kind = decisions.kind_of(later_s, "", missed, TOLD)
    assert kind is not None and kind == decisions.kind_of(later_s + 7 * DAY_S, "", missed, TOLD)
    decisions.decide(situation, kind)
    assert decisions.of_kind(kind) == side
    again = add_call(missed, AT_S + 60, "", "missed")
    assert decisions.kind_of(later_s, "", again, TOLD) not in (None, kind)
    answered = add_call(again, AT_S + 120, "", "answered")
    assert decisions.kind_of(later_s, "", answered, TOLD) not in (None, kind)


def test_what_makes_each_call_its_own_is_known_by_name(tmp_path: Path) -> None:
    asked = {
        "prefix": "prefix('+421')", "share": "share(5)", "line.open": "line.open", "calls": "calls() > 1",
        "answered": "answered() > 1", "missed": "missed() > 1", "days_since_last_call": "days_since_last_call > 1",
    }  # fmt: skip
    for condition in asked.values():
        decisions = PastDecisions(asking(condition, tmp_path))
        assert decisions.kind_of(AT_S, "", History(), TOLD) is None
    told = "attestation choice country degraded language last_agent number_kind open_matter orders own_agent"
    alike = {*told.split(), "redirected", "seen", "tag", "trunk", "trust", "value", "missed_since_answer"}
    assert alike | set(asked) == {fact.name for fact in FACTS if fact.source in ("call", "caller")}
