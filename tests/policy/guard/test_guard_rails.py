"""Guard rails: who comes before sales and who never meets the decoy, whatever the policy says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.tags import MOST_APPROVED_S, suspend_tags
from asterisk_router.callers.trust import E1, E2
from asterisk_router.errors import PolicyError
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.explain import Explanation
from asterisk_router.policy.guard.guard_rails import why_no_decoy
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.policy_tests import approved_tag
from asterisk_router.policy.situation import NO_DECOY, DecoySwitch, Situation
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.protected_callers import GREEDY, PROTECTED, meetings
from tests.policy.written_policy import AT_S

ON = DecoySwitch("", "Eva")
NUMBER = "+421255501234"
RIVAL = Caller((NUMBER,), tags=(approved_tag("competitor", AT_S),))


@pytest.fixture(scope="module")
def greedy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    file = tmp_path_factory.mktemp("greedy") / "greedy.toml"
    file.write_text(GREEDY, encoding="utf-8")
    return load(str(file))


def situation(
    policy: Policy, caller: Caller, *, trust: int = E2, line: str = "", choice: str = "", decoy: DecoySwitch = ON
) -> Situation:
    """A call of that caller."""
    call = IncomingCall(caller_number=NUMBER, called_number=line, choice=choice)
    return policy.situation(call, policy.numbering.normalise(NUMBER), caller, AT_S, trust, False, decoy=decoy)


def decided(policy: Policy, s: Situation) -> Decision:
    return policy.decide_as_it_stands(s)


def explained(policy: Policy, s: Situation) -> Explanation:
    return policy.explain(*s[:6], s.live, s.decoy)


def test_an_approved_competitor_meets_the_decoy_and_the_reason_names_who_answers_for_it(greedy: Policy) -> None:
    decision = decided(greedy, situation(greedy, RIVAL))
    assert (decision.branch, decision.set_aside) == ("decoy", "")
    assert "; decoy by tag competitor of somebody, approved by somebody else; responsible Eva" in decision.reason


def test_what_falls_away_goes_to_the_next_rule_that_matches_and_is_told(greedy: Policy) -> None:
    s = situation(greedy, RIVAL, decoy=NO_DECOY)
    decision = decided(greedy, s)
    assert (decision.caller_class, decision.branch) == ("prospect", "sales")
    assert decision.set_aside == "decoy switched off"
    assert "set aside (decoy switched off): rivals greedy.toml:21" in decision.reason
    story = explained(greedy, s)
    assert story.decision == decision
    results = {rule.name: rule.result for rule in story.rules}
    assert results["rivals"] == results["the others, too"] == "set aside"
    assert results["anybody who is not withheld"] == "won"


def test_the_default_is_what_is_left(greedy: Policy) -> None:
    s = situation(greedy, RIVAL._replace(open_matters=("incident",)))
    assert (decided(greedy, s).caller_class, decided(greedy, s).rule) == ("rest", "everybody else")


@pytest.mark.parametrize(
    ("caller", "choice", "wanted", "why"),
    [
        (Caller((NUMBER,), tags=(Tag("complaint"),)), "", "complaint", "complaint comes first"),
        (Caller((NUMBER,)), "complaint", "complaint", "complaint comes first"),
        (Caller((NUMBER,), tags=(Tag("inspector"),)), "", "inspector", "inspector comes first"),
        (Caller((NUMBER,), tags=(Tag("complaint"), Tag("inspector"))), "", "inspector", "inspector comes first"),
        (Caller((NUMBER,), open_matters=("deal",)), "", "client", "contract comes first"),
        (Caller((NUMBER,), tags=(Tag("sla"), Tag("complaint"))), "", "complaint", "complaint comes first"),
    ],
)
def test_protected_classes_come_before_sales_however_late_their_rules_stand(
    greedy: Policy, caller: Caller, choice: str, wanted: str, why: str
) -> None:
    s = situation(greedy, caller, choice=choice)
    decision = decided(greedy, s)
    assert (decision.caller_class, decision.set_aside) == (wanted, why)
    assert explained(greedy, s).decision == decision


@pytest.mark.parametrize(("number", "line"), [("112", ""), (NUMBER, "+42120550001")])
def test_nobody_sells_to_an_emergency_or_on_the_incident_line(greedy: Policy, number: str, line: str) -> None:
    call = IncomingCall(caller_number=number, called_number=line)
    decision = greedy.decide(call, greedy.numbering.normalise(number), Caller.UNKNOWN, AT_S, E2, False)
    assert (decision.branch, decision.rule) == ("default", "everybody else")
    assert decision.set_aside and "anybody who is not withheld greedy.toml:29" in decision.reason


def test_a_policy_in_order_is_left_alone() -> None:
    shop = load("shop")
    for caller in (Caller.UNKNOWN, Caller((NUMBER,), tags=(Tag("inspector"),)), Caller((NUMBER,), tags=(Tag("vip"),))):
        assert decided(shop, situation(shop, caller)).set_aside == ""


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        (Tag("competitor", "ann", "list"), "nobody approved it"),
        (RIVAL.tags[0]._replace(approved_by="somebody"), "its author approved it"),
        (RIVAL.tags[0]._replace(author="somebody else"), "its author approved it"),
        (RIVAL.tags[0]._replace(set_by=""), "no person set it"),
        (RIVAL.tags[0]._replace(evidence=""), "no evidence"),
        (RIVAL.tags[0]._replace(expires_at_s=int(AT_S)), "out of date"),
        (RIVAL.tags[0]._replace(expires_at_s=0), "out of date"),
        (RIVAL.tags[0]._replace(expires_at_s=RIVAL.tags[0].approved_at_s + MOST_APPROVED_S + 1), "more than 90 days"),
        (suspend_tags(RIVAL, ("competitor",), int(AT_S)).tags[0], "suspended"),
        (RIVAL.tags[0]._replace(trust=3), "not trusted enough"),
    ],
)
def test_only_an_approval_of_two_people_that_holds_leads_to_the_decoy(greedy: Policy, tag: Tag, why: str) -> None:
    assert why in why_no_decoy(situation(greedy, RIVAL._replace(tags=(tag,))), ("competitor",))


def test_the_number_must_be_trusted(greedy: Policy) -> None:
    assert decided(greedy, situation(greedy, RIVAL, trust=E1)).set_aside == "withheld decoy (E1: needs E2)"
    assert decided(greedy, situation(greedy, RIVAL, trust=E2)).branch == "decoy"


def test_tags_that_lead_there_are_those_of_the_policy(greedy: Policy) -> None:
    rival = RIVAL._replace(tags=(RIVAL.tags[0]._replace(name="konkurencia"),))
    assert why_no_decoy(situation(greedy, rival), ("competitor",)) == "decoy never for a caller with another tag"
    assert why_no_decoy(situation(greedy, rival), ("konkurencia",)) == ""


def test_of_thousands_of_protected_callers_not_one_meets_the_decoy(tmp_path: Path) -> None:
    kinds, decoyed = Counter[str](), 0
    for met in meetings(12_000, 7, tmp_path):
        assert not met.fault, met
        kinds[met.why] += 1
        decoyed += met.decoyed_without
    assert set(kinds) == set(PROTECTED)
    assert decoyed > 500, "the same callers meet it without what protects them, or nothing is proven"


def test_the_kinds_tell_apart_what_they_say(greedy: Policy) -> None:
    """Each kind of PROTECTED is by itself what keeps the decoy away: the call without it is decoyed, with it not."""
    random = Random(3)
    s = situation(greedy, RIVAL)
    assert why_no_decoy(s, ("competitor",)) == ""
    for why, trait in PROTECTED.items():
        for _ in range(20):
            assert why_no_decoy(trait(s, random), ("competitor",)), why


HOUSE = """\
[policy]
name = "house"
[classes.inspector]
branch = "inspector"
head_start = "10m"
greeting = "plain"
[classes.shopper]
branch = "sales"
greeting = "benefit"
[classes.rival]
branch = "decoy"
greeting = "market"
[classes.rest]
branch = "default"
head_start = "5m"
[[classify]]
name = "inspector"
when = "tag('inspector')"
class = "inspector"
[[classify]]
name = "rival"
when = "tag('competitor')"
class = "rival"
[[classify]]
name = "shopper"
when = "orders > 0"
class = "shopper"
[[classify]]
name = "everybody else"
class = "rest"
"""


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('greeting = "plain"', 'greeting = "benefit"', "greeting: 'benefit' is what 'shopper' hears"),
        ('greeting = "plain"', 'greeting = "market"', "greeting: 'market' is what 'rival' hears"),
        ('greeting = "plain"', 'menu = "benefit"', "menu: 'benefit' is what 'shopper' hears"),
        ('head_start = "10m"', 'head_start = "4m"', "head_start: the inspector class 'inspector' would wait longer"),
        ('head_start = "10m"\n', "", "head_start: the inspector class 'inspector' would wait longer"),
        ('orders > 0"\nclass = "shopper"', 'orders > 0"\nclass = "rival"', ""),
        ('else"\nclass = "rest"', 'else"\nclass = "rival"', "whoever nobody knows would be sent to the decoy"),
        ("[[classify]]", '[projects.acme]\ndefault = "rival"\n[lines."+42120550000"]\nproject = "acme"\n[[classify]]',
         "default: 'rival' goes to the decoy"),
        ("[[classify]]", '[decoy]\nescape_share = 80\n[[classify]]', "escape_share: 80 is out of reach"),
        ("[[classify]]", '[decoy]\ntags = ["inspector"]\n[[classify]]', "'inspector' cannot stand for a decoy"),
        ("[[classify]]", '[decoy]\ntags = []\n[[classify]]', "chosen by a tag only"),
        ("", '[[treat]]\nwhen = "weekday == \'mon\'"\ngreeting = "benefit"\n', "greeting: 'benefit' is what"),
        ("", '[[treat]]\nwhen = "weekday == \'mon\'"\nhead_start = "1m"\n', "head_start: the inspector class"),
        ("", '[[treat]]\nwhen = "weekday == \'mon\'"\nbranch = "callback"\n', "takes the inspector class 'inspector'"),
        ("", '[[treat]]\nwhen = "weekday == \'mon\' and not in_class(\'inspector\')"\nbranch = "callback"\n', ""),
        ("", '[[treat]]\nwhen = "in_class(\'rest\') "\nhead_start = "20m"\n', "would wait longer"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_a_policy_may_not_say_of_inspectors_and_decoys(
    tmp_path: Path, before: str, after: str, problem: str
) -> None:
    text = HOUSE.replace(before, after, 1) if before else HOUSE + after
    file = tmp_path / "house.toml"
    file.write_text(text, encoding="utf-8")
    if not problem:
        load(str(file))
        return
    with pytest.raises(PolicyError) as refused:
        load(str(file))
    assert problem in str(refused.value)
