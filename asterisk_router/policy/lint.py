"""Rules that no call can reach: the same or less was asked by a rule before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import PolicyFault
from .compile import Compiled, Step, bitmaps
from .conditions import ALWAYS
from .rules import Rule


def find_unreachable(compiled: Compiled, steps: Mapping[str, Sequence[Rule]], faults: list[PolicyFault]) -> None:
    """Add a fault for each classify and treat rule all of whose alternatives earlier rules take.

    Bonus rules add up, so none hides another; neither do two rules of the same name say anything twice there.
    """
    for number, name in enumerate(("classify", "treat")):
        rules = steps[name]
        for index, earlier in _hidden(compiled, compiled.steps[number]).items():
            rule, first = rules[index], rules[earlier]
            every = first.condition is ALWAYS
            takes = "every call" if every else "all its calls"
            problem = f"never reached: {first.name!r} at {first.where} takes {takes} before"
            key = "when" if "when" in rule.entry.fields else ""
            if rule.step == "classify" and rule.name.startswith("default of "):
                key = "default"
            faults.append(rule.entry.fault(key, problem, "move it up, or leave it out"))
    for name, rules in steps.items():
        _same_names(name, rules, faults)


def _same_names(step: str, rules: Sequence[Rule], faults: list[PolicyFault]) -> None:
    first: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        if "name" not in rule.fields:
            continue
        earlier = first.setdefault((rule.entry.name, rule.name), rule)
        if earlier is not rule:
            problem = f"two [[{step}]] rules are named {rule.name!r}"
            faults.append(rule.entry.fault("name", problem, f"the other is at {earlier.where}"))


def _hidden(compiled: Compiled, step: Step) -> dict[int, int]:
    """Rules none of whose terms can win, each with a rule that hides it."""
    taken: dict[int, int] = {}
    wins: set[int] = set()
    rows = {0: bitmaps(step, 0, compiled.space.buckets(0))}
    for number in range(1, len(compiled.space.dimensions) + 1):
        rows[number] = bitmaps(step, number, compiled.space.buckets(number))
    whole = {}  # by dimension: terms that allow each of its buckets
    for number, buckets in rows.items():
        whole[number] = -1
        for allowed in buckets:
            whole[number] &= allowed
    starts: dict[int, int] = {}
    for index, rule in enumerate(step.rules):
        starts.setdefault(rule, index)
    for index, term in enumerate(step.terms):
        candidates = (1 << starts[step.rules[index]]) - 1  # terms of earlier rules
        for number, buckets in rows.items():
            if not candidates:
                break
            mask = term.masks.get(number)
            if mask is None:
                candidates &= whole[number]
                continue
            for bucket, allowed in enumerate(buckets):
                if mask >> bucket & 1:
                    candidates &= allowed
        rule = step.rules[index]
        earlier = _first_fitting(step, candidates, index)
        if earlier < 0:
            wins.add(rule)
        else:
            taken.setdefault(rule, step.rules[earlier])
    return {rule: earlier for rule, earlier in taken.items() if rule not in wins}


def _first_fitting(step: Step, candidates: int, index: int) -> int:
    """The first candidate that also demands no label the term does not."""
    term = step.terms[index]
    while candidates:
        lowest = candidates & -candidates
        candidates ^= lowest
        at = lowest.bit_length() - 1
        if step.terms[at].required <= term.required and step.terms[at].forbidden <= term.forbidden:
            return at
    return -1
