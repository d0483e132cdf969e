"""What the policy says about each queue: its name in Asterisk, its times, its value bar, its skills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .file.entries import Entries, Entry
from .file.schema import BAR_STEP, SKILL
from .file.words import NAME, duration_of, nearest

BUSY_FROM_S = 30
"""Expected wait from which a queue is busy unless the policy says otherwise."""

OVERLOADED_FROM_S = 120
"""Expected wait from which it is overloaded unless the policy says otherwise."""


class BarStep(NamedTuple):
    """One step of a value bar."""

    wait_s: int
    """Expected wait, in seconds, from which it holds."""
    value: int
    """Least value of a caller who is queued at once then."""


class Skill(NamedTuple):
    """What asking for a skill means in one queue."""

    name: str
    """The word a class asks for."""
    min_penalty: int = 0
    """Least penalty of the queue members rung."""
    max_penalty: int = 0
    """Greatest penalty of the queue members rung; 0 for no limit."""
    queue: str = ""
    """Queue of those who have it, as the policy calls it; empty for the queue itself."""


class QueueRules(NamedTuple):
    """One queue, as the policy sees it."""

    name: str
    """As in `[queues.NAME]`."""
    asterisk: str = ""
    """Its name in Asterisk."""
    wrap_up_s: int = 0
    """Pause of an agent after a call, in seconds."""
    handling_s: int = 0
    """How long a call with its wrap-up takes until that is learned, in seconds; 0 for not said."""
    busy_from_s: int = BUSY_FROM_S
    """Expected wait from which its pressure is busy, in seconds."""
    overloaded_from_s: int = OVERLOADED_FROM_S
    """Expected wait from which its pressure is overloaded, in seconds."""
    value_bar: tuple[BarStep, ...] = ()
    """Its value bar, rising; empty for none."""
    skills: Mapping[str, Skill] = MappingProxyType({})
    """What can be asked of its agents."""

    def least_value(self, expected_wait_s: float) -> int:
        """The least value of a caller who is queued at once while that wait is to be expected; 0: everybody is.

        >>> QueueRules("sales", value_bar=(BarStep(30, 500), BarStep(120, 3000))).least_value(45)
        500
        """
        least = 0
        for step in self.value_bar:
            if expected_wait_s < step.wait_s:
                break
            least = step.value
        return least


def queue_rules_of(entries: Entries, names: Iterable[str]) -> dict[str, QueueRules]:
    """The rules of every queue by the policy's name, faults added to `entries`; `names` are all queues there are."""
    written = entries.named("queues")
    rules = {name: _rules(entries, written[name]) if name in written else QueueRules(name, name) for name in names}
    by_asterisk: dict[str, str] = {}
    for name, rule in rules.items():
        earlier = by_asterisk.setdefault(rule.asterisk, name)
        if earlier != name:
            key = "asterisk" if "asterisk" in written[name].fields else ""
            problem = f"queues.{earlier} is {rule.asterisk!r} in Asterisk already"
            entries.faults.append(written[name].fault(key, problem, "write one queue, under one name"))
    return rules


def _rules(entries: Entries, entry: Entry) -> QueueRules:
    fields = entry.fields
    busy_from_s = fields.get("busy_from", min(BUSY_FROM_S, fields.get("overloaded_from", BUSY_FROM_S)))
    overloaded_from_s = fields.get("overloaded_from", max(OVERLOADED_FROM_S, busy_from_s))
    if overloaded_from_s < busy_from_s:
        problem = f"overloaded_from {duration_of(overloaded_from_s)} is below busy_from {duration_of(busy_from_s)}"
        entries.faults.append(entry.fault("overloaded_from", problem, "a queue is busy before it is overloaded"))
    return QueueRules(
        entry.name,
        fields.get("asterisk") or entry.name,
        fields.get("wrap_up", 0),
        fields.get("handling_time", 0),
        busy_from_s,
        overloaded_from_s,
        _bar(entries, entry),
        _skills(entries, entry),
    )


def _bar(entries: Entries, entry: Entry) -> tuple[BarStep, ...]:
    steps: list[BarStep] = []
    tables = entry.fields.get("value_bar", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        remedy = 'write value_bar = [{ wait = "30s", value = 500 }]'
        entries.faults.append(entry.fault("value_bar", "value_bar must be a list of steps", remedy))
        return ()
    for index, table in enumerate(tables):
        path = (*entry.path, "value_bar", index)
        fields = entries.checked(entry.document, path, table, BAR_STEP)
        for key in BAR_STEP:
            if key not in table:
                entries.faults.append(entry.document.fault(path, f"{key!r} is missing", BAR_STEP[key].meaning))
        if len(fields) < len(BAR_STEP):
            continue
        step = BarStep(fields["wait"], fields["value"])
        for last in steps[-1:]:
            for key, before, now in (("wait", last.wait_s, step.wait_s), ("value", last.value, step.value)):
                if now <= before:
                    problem = f"value_bar: {key} does not rise from step {index} to step {index + 1}"
                    remedy = "the longer the wait, the higher the bar"
                    entries.faults.append(entry.document.fault_inside((*path, key), problem, remedy))
        steps.append(step)
    return tuple(steps)


def _skills(entries: Entries, entry: Entry) -> dict[str, Skill]:
    skills: dict[str, Skill] = {}
    tables: Any = entry.fields.get("skills", {})
    if not isinstance(tables, dict):
        entries.faults.append(entry.fault("skills", "skills must be a table", "write { german = { max_penalty = 3 } }"))
        return {}
    queues = entries.named("queues")
    for name, table in tables.items():
        path = (*entry.path, "skills", name)
        if not NAME.match(name):
            remedy = "letters, digits and _ . - only"
            entries.faults.append(entry.document.fault(path, f"{name!r} is no name for a skill", remedy))
        if not isinstance(table, dict) or not table:
            remedy = "write { max_penalty = 3 } or { queue = 'sales-de' }"
            entries.faults.append(entry.document.fault(path, f"skill {name!r} must be a table", remedy))
            continue
        skill = Skill(name, **entries.checked(entry.document, path, table, SKILL))
        if skill.queue and skill.queue not in queues:
            problem = f"queue: {skill.queue!r} is not defined in [queues]"
            fault = entry.document.fault_inside((*path, "queue"), problem, nearest(skill.queue, queues))
            entries.faults.append(fault)
        if 0 < skill.max_penalty < skill.min_penalty:
            problem = f"max_penalty {skill.max_penalty} is below min_penalty {skill.min_penalty}"
            fault = entry.document.fault_inside((*path, "max_penalty"), problem, "nobody would be rung")
            entries.faults.append(fault)
        skills[name] = skill
    return skills
