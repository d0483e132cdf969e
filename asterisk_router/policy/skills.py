"""What a class gets with a `[[treat]]` laid over it, a skill asked for turned into penalties or another queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import PolicyFault
from .file.entries import Entry
from .file.words import nearest
from .queue_rules import QueueRules, Skill
from .rules.compile import Compiled
from .rules.lists import Rule
from .rules.terms import CLASS

_NOT_GIVEN = ("name", "when")
_WINDOW = ("min_penalty", "max_penalty")


def laid_over(given: Mapping[str, Any], refined: Mapping[str, Any], queues: Mapping[str, QueueRules]) -> dict[str, Any]:
    """The fields of a class, those of a treat rule over them, the skill resolved; penalties written later win."""
    fields = {**given, **{key: value for key, value in refined.items() if key not in _NOT_GIVEN}}
    skill = _skills_of(fields, queues).get(fields.get("skill", ""))
    if skill is not None:
        fields.update(min_penalty=skill.min_penalty, max_penalty=skill.max_penalty)
        fields.update(queue=skill.queue or fields["queue"])
        fields.update((key, refined[key]) for key in _WINDOW if key in refined)
    return fields


def check_skills(
    compiled: Compiled, treats: Sequence[Rule], classes: Mapping[str, Entry], queues: Mapping[str, QueueRules]
) -> list[PolicyFault]:
    """Skills that the queue chosen does not define, in a class or in what a treat rule makes of it."""
    faults: list[PolicyFault] = []
    for entry in [*classes.values(), *(rule.entry for rule in treats)]:
        for key in _WINDOW:
            if entry.fields.get("skill") and key in entry.fields:
                problem = f"{key}: the skill says which penalties are rung"
                faults.append(entry.fault(key, problem, f"leave out skill or {key}"))
    for entry in classes.values():
        if "skill" in entry.fields:
            faults += _missing(entry, "skill", entry.fields, queues, "")
    for index, rule in enumerate(treats):
        keys = [key for key in ("skill", "queue") if key in rule.fields]
        for name in classes_of(compiled, index) if keys else ():
            fields = {**classes[name].fields, **rule.fields}
            found = _missing(rule.entry, keys[0], fields, queues, f" of class {name!r}")
            faults += found
            if found:
                break
    return faults


def classes_of(compiled: Compiled, treat: int) -> list[str]:
    """Classes that a treat rule can refine."""
    step, names = compiled.steps[1], list(compiled.space.classes)
    mask = 0
    for term, rule in zip(step.terms, step.rules, strict=True):
        if rule == treat:
            mask |= term.masks.get(CLASS, -1)
    return [name for index, name in enumerate(names) if mask >> index & 1]


def _missing(
    entry: Entry, key: str, fields: Mapping[str, Any], queues: Mapping[str, QueueRules], whose: str
) -> list[PolicyFault]:
    skill, queue = fields.get("skill", ""), fields.get("queue", "")
    known = _skills_of(fields, queues)
    if not skill or skill in known:
        return []
    if not queue:
        return [entry.fault(key, f"skill {skill!r}{whose}: no queue is chosen", "name the queue, or write skill = ''")]
    remedy = nearest(skill, known) if known else f"write skills = {{ {skill} = {{ max_penalty = 3 }} }} there"
    return [entry.fault(key, f"skill {skill!r}{whose} is not defined in queues.{queue}", remedy)]


def _skills_of(fields: Mapping[str, Any], queues: Mapping[str, QueueRules]) -> Mapping[str, Skill]:
    rules = queues.get(fields.get("queue", ""))
    return rules.skills if rules is not None else {}
