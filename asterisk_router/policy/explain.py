"""Why a call went where it went: every rule tried, with the values seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .decision import Decision
from .facts.table import FactUse, Value
from .file.words import duration_of
from .rules.conditions import Atom, Condition, Not, Or
from .rules.lists import Rule

Result = Literal["won", "matched", "no", "unknown", "not reached", "set aside"]
"""`not reached` stands behind the rule that won; `unknown` could have held but not definitely; `matched` is a rule that
held of a tainted call, whose default wins whatever it says; `set aside` held, and a guard rail kept it from deciding.
"""


class AtomSeen(NamedTuple):
    """One question of a rule, answered."""

    text: str
    """As written."""
    value: str
    """The value seen, as one would write it; `unknown` for none."""
    answer: bool | None
    """Whether it held; None when the value did not say."""


class RuleSeen(NamedTuple):
    """One rule, tried."""

    step: str
    """`classify`, `treat` or `bonus`."""
    name: str
    """Its name."""
    where: str
    """`file:line`."""
    result: Result
    """What became of it."""
    atoms: tuple[AtomSeen, ...]
    """Its questions, in reading order."""


class Explanation(NamedTuple):
    """A decision and all that led to it."""

    decision: Decision
    """What was decided."""
    rules: tuple[RuleSeen, ...]
    """Every rule of classify, treat and bonus, in order."""

    def as_json(self) -> dict[str, Any]:
        """Plain dicts and lists, for `--json`."""
        rules = [{**rule._asdict(), "atoms": [atom._asdict() for atom in rule.atoms]} for rule in self.rules]
        return {"decision": self.decision._asdict(), "rules": rules}


def explain(
    rules: Mapping[str, Sequence[Rule]],
    won: tuple[int, ...],
    decision: Decision,
    value_of: Callable[[FactUse], Value],
    aside: Collection[tuple[str, int]] = (),
) -> Explanation:
    """Tell the story of a walk of the program: `won` is what it returned, `value_of` reads facts as it did.

    `aside` are the rules that a guard rail kept from deciding: step and index.
    """

    def read(use: FactUse) -> Value:
        if use.fact.source == "class":
            return decision.caller_class == use.argument
        return value_of(use)

    winners = {"classify": set(won[:1]), "treat": set(won[1:2]), "bonus": set(won[2:])}
    seen = []
    for step in ("classify", "treat", "bonus"):
        decided = False
        for index, rule in enumerate(rules[step]):
            atoms: list[AtomSeen] = []
            truth = _answer(rule.condition, read, atoms)
            result: Result = "won" if index in winners[step] else _result(truth, decided)
            if (step, index) in aside:
                result = "set aside"
            decided = decided or (result == "won" and step != "bonus")
            seen.append(RuleSeen(step, rule.name, rule.where, result, tuple(atoms)))
    return Explanation(decision, tuple(seen))


def _result(truth: bool | None, decided: bool) -> Result:
    if decided:
        return "not reached"
    if truth is None:
        return "unknown"
    return "matched" if truth else "no"


def _answer(condition: Condition, read: Callable[[FactUse], Value], seen: list[AtomSeen]) -> bool | None:
    """What `conditions.truth_of` says, with every question asked on the way."""
    if isinstance(condition, Atom):
        value = read(condition.use)
        answer = condition.holds(value)
        seen.append(AtomSeen(condition.text, shown(condition.use, value), answer))
        return answer
    if isinstance(condition, Not):
        answer = _answer(condition.part, read, seen)
        return None if answer is None else not answer
    answers = [_answer(part, read, seen) for part in condition.parts]
    decisive = isinstance(condition, Or)
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


def shown(use: FactUse, value: Value) -> str:
    """A value of a fact as one would write it; `unknown` for none."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        if use.fact.type == "level":
            return use.fact.words[value]
        if use.fact.type == "time":
            return f"{value // 60:02}:{value % 60:02}"
        if use.fact.type == "duration":
            return duration_of(value)
    return str(value) if value != "" else "''"
