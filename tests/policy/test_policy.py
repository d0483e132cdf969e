"""What one call gets: the class's and the treatment's fields, filled in for the caller."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.callers.trust import E3, E4
from asterisk_router.numbering.number import Number
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.wire.incoming_call import IncomingCall

POLICY = """\
[policy]
name = "house"
languages = ["sk", "en"]
bonus_limit = "5m"
[numbering]
country = "SK"
[agents.anna]
desk = "PJSIP/anna"
mobile = "PJSIP/+421255501901@trunk"
[lines."+42120550000"]
language = "en_GB"
also = ["5550000"]
[classes.vip]
branch = "account-manager"
queue = "sales"
greeting = "router/vip-{language}"
head_start = "10m"
agent = "own"
promised_wait = "15s"
record = true
min_penalty = 1
max_penalty = 3
screen = "{class} {name}"
card_url = "https://crm.example/?n={number}&who={name}"
[classes.rest]
branch = "default"
agent = "last"
[[classify]]
name = "vip"
when = "tag('vip')"
class = "vip"
[[classify]]
name = "rest"
class = "rest"
[[treat]]
name = "asked for help"
when = "choice == 'help'"
branch = "support"
head_start = "1m"
agent = "none"
record = false
[[bonus]]
name = "orders"
when = "orders > 0"
head_start = "2m"
[[bonus]]
name = "many"
when = "orders > 9"
head_start = "4m"
"""

NUMBER = Number("e164", "+421255501001", "SK")
VIP = Caller((NUMBER.key,), "Mária Ž & Co", (Tag("vip"),), own_agent="anna", language="sk")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    file = tmp_path_factory.mktemp("policy") / "house.toml"
    file.write_text(POLICY, encoding="utf-8")
    return load(str(file))


def decided(policy: Policy, caller: Caller = VIP, degraded: bool = False, **call: str) -> Decision:
    return policy.decide(
        IncomingCall(**{"called_number": "+42120550000", **call}), NUMBER, caller, 1.77e9, E3, degraded
    )


def test_a_class_gives_everything_it_says(house: Policy) -> None:
    lines = POLICY.splitlines()
    where = f"house.toml:{lines.index('[[classify]]') + 1}"
    assert decided(house) == Decision(
        caller_class="vip",
        branch="account-manager",
        greeting="router/vip-sk",
        queue="sales",
        head_start_s=600,
        agent="PJSIP/anna",
        agent_mobile="PJSIP/+421255501901@trunk",
        agent_wait_s=15,
        min_penalty=1,
        max_penalty=3,
        promised_wait_s=15,
        screen_name="vip Mária Ž & Co",
        card_url="https://crm.example/?n=%2B421255501001&who=M%C3%A1ria%20%C5%BD%20%26%20Co",
        record=True,
        language="sk",
        trust=E3,
        number="+421255501001",
        reason=f"classify vip {where}",
        rule="vip",
        where=where,
        policy_version=house.version,
    )


def test_a_treat_rule_refines_what_it_names_and_leaves_the_rest(house: Policy) -> None:
    refined = decided(house, choice="help")
    assert (refined.branch, refined.head_start_s, refined.agent, refined.record) == ("support", 60, "", False)
    assert (refined.queue, refined.greeting) == ("sales", "router/vip-sk")
    assert "treat asked for help house.toml:" in refined.reason


@pytest.mark.parametrize(("orders", "head_start_s"), [(0, 600), (1, 720), (10, 900)])
def test_bonuses_add_up_to_their_limit(house: Policy, orders: int, head_start_s: int) -> None:
    assert decided(house, VIP._replace(orders=orders)).head_start_s == head_start_s


def test_the_reason_names_every_bonus(house: Policy) -> None:
    reason = decided(house, VIP._replace(orders=10)).reason
    assert "bonus orders house.toml:" in reason
    assert "bonus many house.toml:" in reason
    assert reason.endswith("+5m")


@pytest.mark.parametrize(
    ("of_caller", "of_line", "spoken", "language"),
    [
        ("sk", True, "sk", "sk"),
        ("", True, "en", "en_GB"),
        ("de", True, "sk", "sk"),
        ("", False, "sk", ""),
        ("EN\r\nx", True, "sk", ""),
    ],
)
def test_only_languages_of_the_house_are_spoken(
    house: Policy, of_caller: str, of_line: bool, spoken: str, language: str
) -> None:
    made = decided(house, VIP._replace(language=of_caller), called_number="+42120550000" if of_line else "x")
    assert (made.greeting, made.language) == (f"router/vip-{spoken}", language)


def test_an_agent_the_policy_does_not_know_is_nobody(house: Policy) -> None:
    assert decided(house, VIP._replace(own_agent="nobody")).agent == ""
    assert decided(house, Caller(history=History(last_agent="anna"))).agent == "PJSIP/anna"


def test_a_tainted_call_gets_the_closing_default_whoever_it_says_it_is(house: Policy) -> None:
    tainted = decided(house, tainted="keys out of order", choice="help")
    assert (tainted.caller_class, tainted.branch, tainted.rule) == ("rest", "default", "rest")


def test_a_tag_that_expired_or_asks_for_more_trust_does_not_count(house: Policy) -> None:
    for tag in (Tag("vip", expires_at_s=int(1.77e9)), Tag("vip", trust=E4)):
        assert decided(house, VIP._replace(tags=(tag,))).caller_class == "rest"


def test_without_the_store_a_tag_of_a_number_range_still_counts(house: Policy) -> None:
    made = decided(house, Caller(tags=(Tag("vip"),)), degraded=True)
    assert (made.caller_class, made.degraded, made.agent) == ("vip", True, "")


@pytest.mark.parametrize("called", ["+42120550000", "42120550000", "0042120550000", "5550000"])
def test_a_line_is_known_however_the_trunk_writes_it(house: Policy, called: str) -> None:
    assert house.line_of(called).number == "+42120550000"


def test_a_number_the_policy_does_not_know_is_no_line(house: Policy) -> None:
    assert house.line_of("+421255509999").number == ""


def test_the_policy_of_the_document_is_a_policy(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    example = document.partition("```toml\n")[2].partition("```")[0]
    assert len(example.splitlines()) == 12
    (tmp_path / "policy.toml").write_text(example, encoding="utf-8")
    assert load(str(tmp_path / "policy.toml")).classes == ("vip", "default")


def test_what_the_document_says_of_the_live_line_is_a_policy(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    said = document.partition("## The live line\n")[2].partition("## Projects\n")[0]
    examples = re.findall(r"```toml\n(.*?)```", said, re.DOTALL)
    assert len(examples) == 7
    around = """
[policy]
name = "document"
[queues.care]
[agents.anna]
desk = "PJSIP/anna"
[schedules.office]
open = ["mon-fri 08:00-18:00"]
[classes.customer]
branch = "sales"
queue = "sales"
[[classify]]
name = "everybody"
class = "customer"
"""
    (tmp_path / "policy.toml").write_text(around + "".join(examples), encoding="utf-8")
    policy = load(str(tmp_path / "policy.toml"))
    assert [each.name for each in policy.reserves] == ["second-row"]
    assert policy.call_back_rules.dial


def test_an_explanation_tells_the_rules_passed_by_and_the_values_seen(house: Policy) -> None:
    story = house.explain(IncomingCall(choice="help"), NUMBER, Caller.UNKNOWN, 1.77e9, 1, True).as_json()
    assert story["decision"]["caller_class"] == "rest"
    assert [(rule["name"], rule["result"]) for rule in story["rules"]] == [
        ("vip", "unknown"),
        ("rest", "won"),
        ("asked for help", "won"),
        ("orders", "unknown"),
        ("many", "unknown"),
    ]
    assert story["rules"][0]["atoms"] == [{"text": "tag('vip')", "value": "unknown", "answer": None}]
    assert story["rules"][2]["atoms"] == [{"text": "choice == 'help'", "value": "help", "answer": True}]
