"""The three lists of rules as they are tried: parsed, joined from house and projects, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ...errors import PolicyFault
from ..facts.table import FACT_BY_NAME, FactUse
from ..file.entries import Entries, Entry
from .conditions import ALWAYS, And, Atom, Condition, ConditionReader, Not, Or
from .vocabulary import Vocabulary


class Rule(NamedTuple):
    """One rule of one list."""

    step: str
    """`classify`, `treat` or `bonus`."""
    name: str
    """What people call it; its place where it has no name."""
    condition: Condition
    """When it matches."""
    fields: Mapping[str, Any]
    """What it gives: a class, a refinement, a head start in seconds."""
    where: str
    """`file:line` of its heading."""
    entry: Entry
    """Where faults of it are placed."""


def rules_of(entries: Entries, known: Mapping[str, Iterable[str]], protected: Iterable[str]) -> dict[str, list[Rule]]:
    """Every list of rules in the order of trial: those of projects first, their defaults just before the house's.

    `protected` are the classes that are under no value bar.
    """
    spared = tuple(Atom(FactUse(_IN_CLASS, name), "is", (), f"in_class({name!r})") for name in protected)
    steps = {}
    for step in ("classify", "treat", "bonus"):
        vocabulary = Vocabulary(known, step)
        written = sorted(entries.of(step), key=lambda entry: not entry.name)  # stable: projects keep their order
        rules = [_rule(step, entry, vocabulary, entries.faults) for entry in written]
        steps[step] = [rule._replace(condition=_sparing(rule.condition, spared)) for rule in rules if rule is not None]
    steps["classify"] = _with_project_defaults(entries, steps["classify"])
    return steps


def _rule(step: str, entry: Entry, vocabulary: Vocabulary, faults: list[PolicyFault]) -> Rule | None:
    def complain(problem: str, remedy: str, index: int) -> None:
        faults.append(entry.fault("when", f"when: {problem}", remedy, index))

    condition: Condition | None = ALWAYS
    if "when" in entry.fields:
        condition = ConditionReader(vocabulary, entry.fields["when"], complain).read()
    if condition is None:
        return None
    if entry.name:
        of_project = _is_of_project(entry.name)
        condition = of_project if condition is ALWAYS else And((of_project, condition))
    return Rule(step, entry.fields.get("name") or entry.where, condition, entry.fields, entry.where, entry)


_IN_CLASS = FACT_BY_NAME["in_class"]


def _sparing(condition: Condition, spared: tuple[Atom, ...]) -> Condition:
    """The condition with `under_bar` certainly false for the classes of `spared`."""
    if isinstance(condition, Atom):
        if condition.use.fact.name != "under_bar" or not spared:
            return condition
        return Or((condition, *spared)) if condition.operator == "known" else And((condition, Not(Or(spared))))
    if isinstance(condition, Not):
        return Not(_sparing(condition.part, spared))
    parts = tuple(_sparing(part, spared) for part in condition.parts)
    return condition if parts == condition.parts else type(condition)(parts)


def _is_of_project(project: str) -> Atom:
    return Atom(FactUse(FACT_BY_NAME["project"]), "==", (project,), f"project == {project!r}")


def _with_project_defaults(entries: Entries, rules: list[Rule]) -> list[Rule]:
    """A project's default stands just before the house's, so that what protects callers is tried first."""
    defaults = [
        Rule(
            "classify",
            f"default of {entry.name}",
            _is_of_project(entry.name),
            {"class": entry.fields["default"]},
            entry.where,
            entry,
        )
        for entry in entries.of("projects")
        if "default" in entry.fields
    ]
    return rules[:-1] + defaults + rules[-1:]
