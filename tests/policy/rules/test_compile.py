"""The compiled program decides as one would who reads the rules one by one, in three-valued logic."""

from __future__ import annotations

import ast
import datetime
import operator
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.errors import PolicyError
from asterisk_router.numbering.number import Number
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.wire.incoming_call import IncomingCall

NOW = 1772442000  # Monday 2026-03-02 09:00 UTC

HEAD = """\
[policy]
name = "random"
timezone = "UTC"
bonus_limit = "1d"
[numbering]
country = "SK"
[projects.acme]
[lines."+42125550000"]
kind = "office"
[lines."+42125550001"]
kind = "incident"
project = "acme"
[classes.a]
branch = "account-manager"
[classes.b]
branch = "reception"
[classes.c]
branch = "default"
"""

# ---- a reader of rules that shares nothing with the product but Python's grammar


def facts_of(
    call: IncomingCall, number: Number, caller: Caller, at_s: int, trust: int, degraded: bool
) -> dict[str, Any]:
    sure = not degraded and number.key != ""
    line = {"+42125550000": ("office", ""), "+42125550001": ("incident", "acme")}.get(call.called_number, ("", ""))
    local = datetime.datetime.fromtimestamp(at_s, datetime.timezone.utc)
    tags = {t.name for t in caller.tags if t.trust <= trust and (t.expires_at_s == 0 or t.expires_at_s > at_s)}

    def calls(window_s: int, outcome: str = "") -> int | None:
        recent = [past for past in caller.history.recent if past.at_s >= at_s - window_s]
        if not sure or (outcome and any(past.outcome == "unknown" for past in recent)):
            return None
        return sum(not outcome or past.outcome == outcome for past in recent)

    return {
        "tag": lambda name: True if name in tags else False if sure else None,
        "open_matter": lambda name: name in caller.open_matters if sure else None,
        "prefix": lambda text: number.key.startswith(text) if number.key else None,
        "calls": lambda days: calls(days * 86400),
        "missed": lambda days: calls(days * 86400, "missed"),
        "seen": bool(caller.numbers or caller.history.calls) if sure else None,
        "value": caller.value if sure else None,
        "country": number.country if number.key else None,
        "number_kind": number.kind,
        "trust": trust,
        "choice": call.choice,
        "line.kind": line[0],
        "project": line[1],
        "hour": local.hour,
        "weekday": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][local.weekday()],
        "time": f"{local:%H:%M}",
        "degraded": degraded,
    }


COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


def answer(node: ast.AST, facts: dict[str, Any]) -> Any:
    """The value of a node; None is unknown."""
    if isinstance(node, ast.BoolOp):
        answers = [answer(part, facts) for part in node.values]
        decisive = isinstance(node.op, ast.Or)
        return decisive if decisive in answers else None if None in answers else not decisive
    if isinstance(node, ast.UnaryOp):
        inner = answer(node.operand, facts)
        return None if inner is None else not inner
    if isinstance(node, ast.Compare):
        values = [answer(part, facts) for part in (node.left, *node.comparators)]
        pairs = zip(node.ops, values, values[1:], strict=False)
        results = [None if None in (a, b) else COMPARE[type(op)](a, b) for op, a, b in pairs]
        return False if False in results else None if None in results else True
    if isinstance(node, ast.Call):
        name = node.func.id  # type: ignore[attr-defined]
        if name == "known":
            return answer(node.args[0], facts) is not None
        return facts[name](
            *(ast.literal_eval(a) for a in node.args), *(ast.literal_eval(k.value) for k in node.keywords)
        )
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Call):
            return None
        return facts[f"line.{node.attr}"]
    if isinstance(node, ast.Name):
        level = int(node.id[1:]) if node.id[1:].isdigit() else node.id
        return facts.get(node.id, level)  # a bare word stands for itself
    return ast.literal_eval(node)


# ---- random rules and calls

ATOMS = [
    "tag('x')",
    "tag('y')",
    "tag('z')",
    "open_matter('deal')",
    "prefix('+4212')",
    "prefix('+42125550')",
    "seen",
    "degraded",
    "calls(days=1) >= 1",
    "calls(days=7) > 2",
    "calls(days=7) == 1",
    "1 <= calls(days=3) < 3",
    "missed(days=7) > 0",
    "value > 100",
    "value <= 500",
    "value == 100",
    "100 < value <= 1000",
    "value != 500",
    "value in [0, 500]",
    "country == 'SK'",
    "country in ['SK', 'US']",
    "country != 'GB'",
    "number_kind == 'withheld'",
    "trust >= E2",
    "E1 <= trust",
    "trust == E0",
    "choice == 'complaint'",
    "choice not in ['complaint', 'deal']",
    "line.kind == 'office'",
    "project == 'acme'",
    "line.kind != 'incident'",
    "hour < 12",
    "hour in [9, 22]",
    "weekday in ['sat', 'sun']",
    "weekday == mon",
    "time >= '18:00'",
    "'08:30' <= time < '17:00'",
    "queue('sales').free > 0",
    "known(queue('sales').free)",
    "known(tag('x'))",
    "known(value)",
    "not known(missed(days=7))",
]
OF_CLASS = ["in_class('a')", "in_class('b')", "in_class('c')"]


def random_condition(dice: random.Random, atoms: list[str], depth: int = 3) -> str:
    shape = dice.random()
    if depth == 0 or shape < 0.3:
        return dice.choice(atoms)
    if shape < 0.45:
        return f"not ({random_condition(dice, atoms, depth - 1)})"
    joint = " and " if shape < 0.75 else " or "
    return "(" + joint.join(random_condition(dice, atoms, depth - 1) for _ in range(dice.choice((2, 2, 3)))) + ")"


def random_policy(dice: random.Random, rules: int) -> dict[str, list[tuple[str, str]]]:
    steps: dict[str, list[tuple[str, str]]] = {"classify": [], "treat": [], "bonus": []}
    for index in range(rules):
        steps["classify"].append((random_condition(dice, ATOMS), dice.choice("abc")))
        steps["treat"].append((random_condition(dice, ATOMS + OF_CLASS * 4), f"greeting-{index}"))
        steps["bonus"].append((random_condition(dice, ATOMS + OF_CLASS * 4), f"{2**index}s"))
    return steps


def written(steps: dict[str, list[tuple[str, str]]]) -> str:
    text = HEAD
    gives = {"classify": "class", "treat": "greeting", "bonus": "head_start"}
    for step, rules in steps.items():
        for index, (condition, given) in enumerate(rules):
            text += f'[[{step}]]\nname = "{index}"\nwhen = "{condition}"\n{gives[step]} = "{given}"\n'
    return text + '[[classify]]\nname = "rest"\nclass = "c"\n'


def loaded(folder: Path, steps: dict[str, list[tuple[str, str]]]) -> Policy:
    """The policy, without those rules that are rightly refused."""
    file = folder / "random.toml"
    for _ in range(20):
        text = written(steps)
        file.write_text(text)
        try:
            return load(str(file))
        except PolicyError as refused:
            lines = text.splitlines()
            for fault in refused.faults:
                assert "never reached" in fault.problem or "never hold" in fault.problem or "64" in fault.problem
                condition = lines[fault.line - 1].removeprefix('when = "').removesuffix('"')
                for step, rules in steps.items():
                    steps[step] = [rule for rule in rules if rule[0] != condition]
    raise AssertionError("still refused")


def random_call(dice: random.Random) -> tuple[IncomingCall, Number, Caller, int, int, bool]:
    call = IncomingCall(
        caller_number="x",
        called_number=dice.choice(["+42125550000", "+42125550001", "+42125550009"]),
        choice=dice.choice(["", "complaint", "deal"]),
    )
    number = dice.choice([
        Number("e164", "+42125550123", "SK"), Number("e164", "+12025550123", "US"),
        Number("e164", "+442079460123", "GB"),
        Number("internal", "101"), Number("withheld", ""), Number("malformed", ""),
    ])  # fmt: skip
    trust = dice.randrange(5)
    degraded = dice.random() < 0.15
    at_s = NOW + dice.randrange(7 * 86400)
    tags = tuple(
        Tag(name, trust=dice.randrange(4), expires_at_s=dice.choice([0, 0, at_s - 1, at_s, at_s + 9]))
        for name in "xyzw"
        if dice.random() < 0.4
    )
    if degraded or not number.key:
        return call, number, Caller(tags=tags), at_s, trust, degraded
    recent = tuple(
        PastCall(at_s - ago_s, dice.choice(["answered", "missed", "missed", "unknown"]))  # type: ignore[arg-type]
        for ago_s in sorted((dice.randrange(1, 9 * 86400) for _ in range(dice.randrange(4))), reverse=True)
    )
    caller = Caller(
        numbers=dice.choice([(), (number.key,)]),
        tags=tags,
        value=dice.choice([0, 100, 101, 500, 1000, 1001]),
        open_matters=dice.choice([(), ("deal",)]),
        history=History(calls=len(recent), recent=recent),
    )
    return call, number, caller, at_s, trust, degraded


@pytest.mark.parametrize("seed", range(12))
def test_random_policies_decide_as_read_one_by_one(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    steps = random_policy(dice, 10)
    policy = loaded(tmp_path, steps)
    trees = {
        step: [(ast.parse(when, mode="eval").body, given) for when, given in rules] for step, rules in steps.items()
    }
    for _ in range(150):
        arguments = random_call(dice)
        facts = facts_of(*arguments)
        caller_class = next((given for tree, given in trees["classify"] if answer(tree, facts) is True), "c")
        facts["in_class"] = caller_class.__eq__
        greeting = next((given for tree, given in trees["treat"] if answer(tree, facts) is True), "")
        head_start_s = sum(int(given[:-1]) for tree, given in trees["bonus"] if answer(tree, facts) is True)
        situation = policy.situation(*arguments)
        decision = policy.in_full(situation, policy.walk(situation))
        assert (decision.caller_class, decision.greeting, decision.head_start_s) == (
            caller_class,
            greeting,
            head_start_s,
        )
        story = policy.explain(*arguments)
        assert story.decision == policy.decide(*arguments)
        assert not [rule for rule in story.rules if rule.result == "matched"], (
            "a rule holds that the program passed over"
        )
        assert [rule.name for rule in story.rules if rule.result == "won" and rule.step == "classify"] == [
            decision.rule
        ]
