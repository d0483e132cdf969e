"""Every fact can be asked, and is in the document as the table has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller, History, PastCall
from asterisk_router.numbering.number import Number
from asterisk_router.policy.facts.table import FACTS, Fact, FactUse, written
from asterisk_router.policy.load import load
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.policy_document import DOCUMENT, document

HEAD = """\
[policy]
name = "facts"
[queues.sales]
value_bar = [{ wait = "30s", value = 500 }]
[agents.anna]
desk = "PJSIP/anna"
[holidays.sk]
dates = ["12-24"]
[schedules.office]
open = ["mon-fri 08:00-18:00"]
[lines."+42125550000"]
kind = "word"
campaign = "word"
open = "office"
[projects.word]
[classes.vip]
branch = "sales"
[classes.rest]
branch = "default"
[[classify]]
name = "rest"
class = "rest"
"""

VALUES = {
    "number": "1",
    "time": "'12:00'",
    "duration": "'2m'",
    "line": "'+42125550000'",
    "last_agent": "'anna'",
    "country": "'SK'",
    "language": "'sk'",
}


def asked(fact: Fact) -> str:
    """A condition that asks the fact."""
    if fact.type == "flag":
        return written(fact)
    value = VALUES.get(fact.name) or VALUES.get(fact.type) or (repr(fact.words[0]) if fact.words else "'word'")
    return f"{written(fact)} == {value}"


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_can_be_asked_as_the_document_writes_it(fact: Fact, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'{HEAD}[[treat]]\nwhen = "{asked(fact)} or known({written(fact)})"\nbranch = "sales"\n')
    policy = load(str(file))
    call = IncomingCall("+421255501001", "+42125550000")
    number = policy.numbering.normalise(call.caller_number)
    history = History(1, 5, 5, "anna", (PastCall(5, "answered"),))
    known = policy.decide(call, number, Caller((number.key,), history=history), 1.77e9, 1, False)
    assert known.branch == ("default" if fact.source == "live" else "sales")
    (rule,) = [
        rule for rule in policy.explain(call, number, Caller.UNKNOWN, 1.77e9, 1, True).rules if rule.step == "treat"
    ]
    if fact.source == "caller":
        assert [atom.value for atom in rule.atoms] == ["unknown", "unknown"]


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact.source == "caller"], ids=lambda fact: fact.name)
def test_nothing_is_known_about_a_caller_without_a_number(fact: Fact, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'{HEAD}[[treat]]\nwhen = "not known({written(fact)})"\nbranch = "sales"\n')
    policy = load(str(file))
    call = IncomingCall("anonymous", "+42125550000")
    assert policy.decide(call, Number("withheld", ""), Caller.UNKNOWN, 1.77e9, 0, False).branch == "sales"


def test_a_fact_is_written_as_the_policy_writes_it() -> None:
    by_name = {fact.name: fact for fact in FACTS}
    assert str(FactUse(by_name["calls"], 7 * 86400)) == "calls(days=7)"
    assert str(FactUse(by_name["calls"], 3 * 3600)) == "calls(hours=3)"
    assert str(FactUse(by_name["queue.free"], "sales")) == "queue('sales').free"
    assert str(FactUse(by_name["agent.free"], "own")) == "agent(own).free"
    assert str(FactUse(by_name["agent.free"], "anna")) == "agent('anna').free"
    assert str(FactUse(by_name["tag"], "vip")) == "tag('vip')"


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `python -m tests.policy.policy_document`"
