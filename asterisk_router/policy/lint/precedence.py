"""Priorities turned upside down: who is declared to come first, and would wait longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...errors import PolicyFault
from ..file.schema import PUTS_OFF
from ..file.words import duration_of
from ..policy import Policy
from ..rules.lists import Rule
from ..rules.terms import Term
from .refined import Classes


class _Claim(NamedTuple):
    """One thing a class is declared to have more or less of than others."""

    order: float
    """The greater, the sooner its callers should be served."""
    words: str
    """How that reads between the name of the class and its head start."""


def find_inversions(policy: Policy, classes: Classes) -> Iterator[PolicyFault]:
    """Classes of one queue whose head starts contradict what they are declared to be, and protected ones lowered."""
    floors = {name: _value_floor(policy, terms) for name, terms in classes.given.items()}
    for names in classes.by_queue.values():
        claims = {name: _claims(classes, name, floors[name]) for name in names}
        for name in names:
            yield from _overtaken(classes, name, claims)
        yield from _lifted(policy, classes, names)
    yield from _lowered(classes)


def _claims(classes: Classes, name: str, floor: int) -> dict[str, _Claim]:
    fields, rules = classes.fields[name], classes.rules[name]
    said = {}
    first = "is protected and has " if rules.protected else "pre-empts others and has " if rules.preempts else ""
    said["standing"] = _Claim(1 if first else 0, first or "has ")
    if fields.get("promised_wait"):
        said["promise"] = _Claim(
            -fields["promised_wait"], f"is promised {duration_of(fields['promised_wait'])} and has "
        )
    if floor:
        said["value"] = _Claim(floor, f"is worth {floor} or more and has ")
    return said


def _overtaken(classes: Classes, name: str, claims: Mapping[str, Mapping[str, _Claim]]) -> Iterator[PolicyFault]:
    """Others of the queue who have less of a claim and more of a head start; the worst of each kind."""
    own_s = _head_start_s(classes, name)
    for kind, claim in claims[name].items():
        above = [
            (_head_start_s(classes, other), other)
            for other, theirs in claims.items()
            if kind in theirs and theirs[kind].order < claim.order and _head_start_s(classes, other) > own_s
        ]
        if above:
            other_s, other = max(above)
            problem = (
                f"head_start: {name!r} {claim.words}{duration_of(own_s)}, "
                f"{other!r} of the same queue {claims[other][kind].words}{duration_of(other_s)}"
            )
            remedy = f"give it {duration_of(other_s)} or more, or {other!r} less"
            yield classes.entries[name].fault("head_start", problem, remedy)


def _lowered(classes: Classes) -> Iterator[PolicyFault]:
    """Treat rules that make a protected class wait longer, or send it away."""
    for name, rule, fields in classes.refined:
        if not classes.rules[name].protected:
            continue
        given = classes.fields[name]
        remedy = f"write `not in_class({name!r})` into its when"
        if fields.get("head_start", 0) < given.get("head_start", 0):
            problem = f"head_start: lowers the protected class {name!r} from {duration_of(given['head_start'])}"
            yield rule.entry.fault("head_start", problem, remedy)
        if fields["branch"] != given["branch"]:
            away = "puts off" if fields["branch"] == PUTS_OFF else f"takes from {given['branch']!r}"
            yield rule.entry.fault("branch", f"branch: {away} the protected class {name!r}", remedy)


def _lifted(policy: Policy, classes: Classes, names: Sequence[str]) -> Iterator[PolicyFault]:
    """Bonus rules that, all together, lift a class over a protected one of the same queue."""
    protected = [name for name in names if classes.rules[name].protected]
    told: set[str] = set()
    for name in names:
        if classes.rules[name].protected or not protected:
            continue
        rank_s, added_s = _head_start_s(classes, name), 0
        for rule in classes.bonuses[name]:
            before_s, added_s = rank_s + added_s, min(added_s + rule.fields["head_start"], policy.bonus_limit_s)
            over = [each for each in protected if before_s <= _head_start_s(classes, each) < rank_s + added_s]
            if over and rule.where not in told:
                told.add(rule.where)
                yield _lifts(rule, name, over[0], rank_s + added_s, _head_start_s(classes, over[0]))


def _lifts(rule: Rule, name: str, over: str, lifted_s: int, own_s: int) -> PolicyFault:
    problem = (
        f"head_start: lifts {name!r} to {duration_of(lifted_s)}, over the protected class {over!r} "
        f"of the same queue with {duration_of(own_s)}"
    )
    return rule.entry.fault("head_start", problem, f"add less, or give {over!r} more")


def _head_start_s(classes: Classes, name: str) -> int:
    seconds: int = classes.fields[name].get("head_start", 0)
    return seconds


def _value_floor(policy: Policy, terms: Sequence[Term]) -> int:
    """The least value that any rule of a class asks for; 0 where none asks."""
    numbers = [at for at, each in enumerate(policy.compiled.space.dimensions, 1) if each.use.fact.name == "value"]
    floors = []
    for term in terms:
        for number in numbers:
            mask = term.masks.get(number, 1)
            if not mask & 1:
                lowest = (mask & -mask).bit_length() - 1
                values = policy.compiled.space.dimensions[number - 1].values
                if lowest < len(values) - 1:
                    exact = values[lowest] if lowest % 2 else int(str(values[lowest - 1])) + 1
                    floors.append(int(str(exact)))
    return min(floors, default=0)
