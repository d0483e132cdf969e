"""What a policy defines and nothing leads to, and names the dialplan cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import PolicyFault
from ..file.entries import Entries
from ..file.words import EXTENSION
from ..policy import Policy
from ..rules.conditions import atoms_of
from .refined import Classes


def find_unused(policy: Policy, classes: Classes, entries: Entries) -> Iterator[PolicyFault]:
    """Classes no rule gives, projects without a line, value bars no rule asks about, names that are no extension."""
    for name, entry in classes.entries.items():
        if name not in classes.given:
            yield entry.fault("", f"no [[classify]] rule gives the class {name!r}", "write one, or leave the class out")
    answered = {line.project for line in policy.lines.values()}
    for entry in entries.of("projects"):
        if entry.name not in answered:
            remedy = f'write project = "{entry.name}" in its [lines.NUMBER]'
            yield entry.fault("", f"no line is answered for project {entry.name!r}: its rules are never tried", remedy)
    asked = {
        atom.use.argument
        for rules in policy.rules.values()
        for rule in rules
        for atom in atoms_of(rule.condition)
        if atom.use.fact.name == "under_bar"
    }
    for entry in entries.of("queues"):
        if entry.fields.get("value_bar") and entry.name not in asked:
            remedy = f"write a [[treat]] with under_bar({entry.name!r}), or leave the bar out"
            yield entry.fault("value_bar", f"value_bar: no rule asks under_bar({entry.name!r})", remedy)
    for section in ("branches", "queues"):
        for entry in entries.of(section):
            if not EXTENSION.match(entry.name):
                problem = f"{entry.name!r} cannot be an extension of the dialplan"
                yield entry.fault("", problem, "small letters, digits, - and _ only")
