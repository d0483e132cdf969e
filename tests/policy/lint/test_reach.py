"""A rule is said to be unreachable exactly when no call can reach it: held against every call there can be."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.errors import PolicyError
from asterisk_router.numbering.number import Number
from asterisk_router.policy.facts.table import FactUse, Value
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.rules.conditions import ALWAYS, Condition, ConditionReader, truth_of
from asterisk_router.policy.rules.vocabulary import Vocabulary
from asterisk_router.wire.incoming_call import IncomingCall

ATOMS = (
    "hour < 8", "hour >= 8", "hour == 8", "orders > 2", "orders <= 2", "known(orders)", "redirected",
    "not redirected", "choice == 'a'", "choice != 'a'", "trust >= E2", "trust == E4", "weekday in ['sat', 'sun']",
)  # fmt: skip

CALLS: tuple[tuple[str, tuple[Value, ...]], ...] = (
    ("hour", (0, 7, 8, 9, 23)),
    ("orders", (0, 2, 3, 9, None)),
    ("redirected", (True, False)),
    ("choice", ("", "a")),
    ("trust", (0, 1, 2, 3, 4)),
    ("weekday", ("mon", "sat", "sun")),
)
"""Of each fact a value from every range the atoms can tell apart: all calls there can be, as far as rules see."""

HEAD = '[policy]\nname = "house"\n[classes.c]\nbranch = "sales"\n'

conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(lambda t: f"({t[1]} {t[0]} {t[2]})"),
    max_leaves=3,
)


def hidden_by_trial(rules: list[Condition]) -> set[int]:
    """Rules that win for no call at all."""
    wins = set()
    for values in product(*(values for _, values in CALLS)):
        call = dict(zip((name for name, _ in CALLS), values, strict=True))

        def value_of(use: FactUse, call: dict[str, Value] = call) -> Value:
            return call[use.fact.name]

        for index, rule in enumerate(rules):
            if truth_of(rule, value_of):
                wins.add(index)
                break
    return set(range(len(rules))) - wins


def loaded(text: str) -> Policy:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "policy.toml"
        file.write_text(text, encoding="utf-8")
        return load(str(file))


def read(when: str) -> Condition:
    def complain(problem: str, remedy: str, index: int) -> None:
        raise AssertionError(problem)

    condition = ConditionReader(Vocabulary({}, "classify"), when, complain).read()
    assert condition is not None
    return condition


@settings(max_examples=100, deadline=None)
@given(st.lists(conditions, min_size=2, max_size=4))
def test_a_rule_is_refused_exactly_when_no_call_reaches_it(whens: list[str]) -> None:
    text = HEAD
    for index, when in enumerate(whens):
        text += f'[[classify]]\nname = "r{index}"\nwhen = "{when}"\nclass = "c"\n'
    unreached = hidden_by_trial([*map(read, whens), ALWAYS]) - {len(whens)}  # the closing rule is always needed
    wanted = {7 + 4 * index for index in unreached}
    try:
        loaded(text + '[[classify]]\nname = "rest"\nclass = "c"\n')
    except PolicyError as refused:
        told = {fault.line for fault in refused.faults}
        contradicts = any("can never hold" in fault.problem for fault in refused.faults)
        assert told <= wanted if contradicts else told == wanted  # a contradiction is told before all else
    else:
        assert not wanted


def test_labels_a_rule_does_not_ask_for_never_hide_it() -> None:
    text = HEAD + '[lines."+42125550000"]\n'
    for name, when in (("a", "tag('a')"), ("not a", "not tag('a')"), ("b", "tag('b') or prefix('+4212')")):
        text += f'[[classify]]\nname = "{name}"\nwhen = "{when}"\nclass = "c"\n'
    policy = loaded(text + '[[classify]]\nname = "rest"\nclass = "c"\n')
    withheld = policy.situation(IncomingCall(), Number("withheld", ""), Caller.UNKNOWN, 0.0, 0, False)
    assert policy.walk(withheld)[0] == 3, "nobody knows whether a withheld number has the tag"
    tagged = policy.situation(
        IncomingCall(), Number("e164", "+42125550001", "SK"), Caller(("+42125550001",), tags=(Tag("a"),)), 0.0, 1, False
    )
    assert policy.walk(tagged)[0] == 0


def test_a_proof_too_long_refuses_nothing() -> None:
    """Eleven facts, two alternatives each in its own rule: too many cuts to prove anything, and quick all the same."""
    facts = [f"calls(days={days})" for days in range(1, 12)]
    text = HEAD
    for index, fact in enumerate(facts):
        others = " and ".join(f"{other} != {index}" for other in facts if other != fact)
        text += f'[[classify]]\nname = "r{index}"\nwhen = "{fact} > {index} and {others}"\nclass = "c"\n'
    assert loaded(text + '[[classify]]\nname = "rest"\nclass = "c"\n').name == "house"
