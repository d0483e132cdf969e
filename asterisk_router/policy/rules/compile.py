"""Rules into the flat program that the kernel walks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..._native import kernel
from .lists import Rule
from .terms import CLASS, Space, Term, TooManyAlternatives

CLOCK, LINE = 1, 2
"""Slots of all facts of the clock and of the line called: the kernel asks each group as one fact."""

FIRST_OWN_SLOT = 3
"""Slots from here on hold one fact each, those of the live line before all others."""


class Step(NamedTuple):
    """One list of rules as terms, in order."""

    terms: list[Term]
    """What the rules demand."""
    rules: list[int]
    """By term: its rule."""


class Compiled(NamedTuple):
    """The rules of one policy, ready to be walked."""

    space: Space
    """The dimensions and labels."""
    steps: tuple[Step, Step, Step]
    """Classify, treat, bonus."""
    program: Any
    """The kernel's `Program`."""
    own: list[int]
    """Dimensions that have a slot of their own, in the order of the slots from FIRST_OWN_SLOT on."""
    live: int
    """How many of them, from the first, change with the live line only, the same for every caller.

    They do not share a slot, for the buckets of a shared one are as many as there are different moments: those of the
    clock and of the lines come to an end, those of thirty queues do not.
    """
    of_record: int
    """How many of them, from the last, are read from what is known of the caller alone."""
    shared: dict[int, list[int]]
    """Dimensions that share the slots CLOCK and LINE."""

    def bucket_of(self, slot: int, buckets: Sequence[int]) -> int:
        """A new bucket of a shared slot, for that bucket of each of its dimensions."""
        allowed = []
        for step in self.steps:
            terms = (1 << len(step.terms)) - 1
            for dimension, bucket in zip(self.shared[slot], buckets, strict=True):
                terms &= allowing(step, dimension, bucket)
            allowed.append(terms)
        number: int = self.program.add_bucket(slot, tuple(allowed))
        return number

    def terms_of(self, step: int) -> dict[int, list[Term]]:
        """The terms of each rule of a step (0 classify, 1 treat, 2 bonus), by the rule's index."""
        found: dict[int, list[Term]] = {}
        for rule, term in zip(self.steps[step].rules, self.steps[step].terms, strict=True):
            found.setdefault(rule, []).append(term)
        return found


def compile_rules(
    steps: dict[str, list[Rule]], classes: Sequence[str]
) -> tuple[Compiled | None, list[tuple[Rule, str, str]]]:
    """The program of all rules, and the rules that have none with what is wrong and what to do."""
    space = Space([rule.condition for rules in steps.values() for rule in rules], classes)
    wrong: list[tuple[Rule, str, str]] = []
    made = [_step(space, steps[name], wrong) for name in ("classify", "treat", "bonus")]
    if wrong:
        return None, wrong
    shared: dict[int, list[int]] = {CLOCK: [], LINE: []}
    live: list[int] = []
    own: list[int] = []
    for number, dimension in enumerate(space.dimensions, start=1):
        groups = {"clock": shared[CLOCK], "line": shared[LINE], "live": own if dimension.use.of_caller else live}
        groups.get(dimension.use.fact.source, own).append(number)
    own.sort(key=lambda number: space.dimensions[number - 1].use.of_record)
    of_record = sum(space.dimensions[number - 1].use.of_record for number in own)
    own = live + own
    table = kernel("rules").Table
    tables = [_table(table, space, step, own) for step in made]
    of_rules = [space.classes[rule.fields["class"]] for rule in steps["classify"]]
    seconds = [rule.fields["head_start"] for rule in steps["bonus"]]
    program = kernel("rules").Program(*tables, of_rules, seconds)
    return Compiled(space, (made[0], made[1], made[2]), program, own, len(live), of_record, shared), []


def _step(space: Space, rules: list[Rule], wrong: list[tuple[Rule, str, str]]) -> Step:
    terms: list[Term] = []
    owners: list[int] = []
    for index, rule in enumerate(rules):
        try:
            alternatives = space.terms(rule.condition)
        except TooManyAlternatives:
            wrong.append((rule, "the condition multiplies into more than 64 alternatives", "make several rules of it"))
            continue
        if not alternatives:
            wrong.append((rule, "the condition can never hold", "no value of its facts meets all of it"))
        terms += alternatives
        owners += [index] * len(alternatives)
    return Step(terms, owners)


def _table(table: Any, space: Space, step: Step, own: list[int]) -> Any:
    """The kernel's `Table` of one step."""
    common: dict[int, int] = {}
    for term in step.terms:
        for label in term.required:
            common[label] = common.get(label, 0) + 1
    chosen = [min(term.required, key=lambda label: (common[label], label), default=-1) for term in step.terms]
    every = range(space.buckets(CLASS))
    slots: list[list[int]] = [[allowing(step, CLASS, bucket) for bucket in every], [], []]
    slots += [bitmaps(step, dimension, space.buckets(dimension)) for dimension in own]
    return table(
        step.rules,
        chosen,
        [sorted(term.required) for term in step.terms],
        [sorted(term.forbidden) for term in step.terms],
        slots,
    )


def bitmaps(step: Step, dimension: int, buckets: int) -> list[int]:
    """For each bucket of a dimension, a bit for each term that allows it."""
    indifferent = 0
    rows = [0] * buckets
    for index, term in enumerate(step.terms):
        mask = term.masks.get(dimension)
        if mask is None:
            indifferent |= 1 << index
            continue
        while mask:
            lowest = mask & -mask
            mask ^= lowest
            rows[lowest.bit_length() - 1] |= 1 << index
    return [row | indifferent for row in rows]


def allowing(step: Step, dimension: int, bucket: int) -> int:
    """A bit for each term that allows one bucket of a dimension."""
    allowed = 0
    for index, term in enumerate(step.terms):
        if term.masks.get(dimension, -1) >> bucket & 1:
            allowed |= 1 << index
    return allowed
