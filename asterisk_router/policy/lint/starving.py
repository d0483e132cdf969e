"""Callers who could wait without end, or are sent away again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import PolicyFault
from ...queues.ageing import overtaking_window_s
from ..facts.table import Fact
from ..file.entries import Entry
from ..file.schema import PUTS_OFF
from ..file.words import duration_of
from ..policy import Policy
from ..rules.compile import Compiled
from ..rules.terms import Term
from .refined import TREAT, Classes

LONGEST_S = 30 * 60
"""So long, at most, may those who come later still go before a waiting caller of another class. The wait is bounded
for any difference (`queues.ageing.wait_bound_s`), but the bound counts all who come within it: patience ends before."""

LONGEST_FIRST_S = 8 * 3600
"""The same for classes that are protected or pre-empt others: they come first whatever the load, and are few."""


def find_starving(policy: Policy, classes: Classes, queues: dict[str, Entry]) -> Iterator[PolicyFault]:
    """Head starts too far apart, value bars without a floor, callers put off for ever or promised what nobody owes."""
    yield from _far_apart(policy, classes)
    for entry in queues.values():
        for index, step in enumerate(policy.queue_rules[entry.name].value_bar):
            if step.wait_s == 0:
                path = (*entry.path, "value_bar", index, "wait")
                problem = f"value_bar: below {step.value} nobody is queued at once, even while agents are free"
                yield entry.document.fault_inside(path, problem, 'begin the bar at a wait, such as "30s"')
    yield from _put_off_again(policy)
    yield from _owed_nothing(classes)


def _far_apart(policy: Policy, classes: Classes) -> Iterator[PolicyFault]:
    for names in classes.by_queue.values():
        least_s, least = min((classes.fields[name].get("head_start", 0), name) for name in names)
        for name in names:
            rules = classes.rules[name]
            bonus_s = min(sum(rule.fields["head_start"] for rule in classes.bonuses[name]), policy.bonus_limit_s)
            most_s = classes.fields[name].get("head_start", 0) + bonus_s
            bound_s = LONGEST_FIRST_S if rules.protected or rules.preempts else LONGEST_S
            window_s = overtaking_window_s(least_s, most_s)
            if name != least and window_s > bound_s:
                with_bonus = f" with {duration_of(bonus_s)} of bonus" if bonus_s else ""
                problem = (
                    f"head_start: {least!r} of the same queue can starve: for {duration_of(window_s)} after they come, "
                    f"whoever comes later in {name!r}{with_bonus} goes before them"
                )
                remedy = f"keep the two within {duration_of(bound_s)} of each other"
                yield classes.entries[name].fault("head_start", problem, remedy)


def _put_off_again(policy: Policy) -> Iterator[PolicyFault]:
    """Treat rules that put callers off by the load alone: whoever calls again is put off again."""
    terms = policy.compiled.terms_of(TREAT)
    for index, rule in enumerate(policy.rules["treat"]):
        if rule.fields.get("branch") != PUTS_OFF:
            continue
        if any(_asks_load(policy.compiled, term) and not _has_floor(policy.compiled, term) for term in terms[index]):
            problem = "when: puts callers off by the load, the same ones again and again"
            yield rule.entry.fault("when", problem, "write `and missed_since_answer == 0`, or use under_bar(...)")


def _asks_load(compiled: Compiled, term: Term) -> bool:
    return any(fact.name == "pressure" or fact.name.startswith("queue.") for fact, _ in _asked(compiled, term))


def _has_floor(compiled: Compiled, term: Term) -> bool:
    """Whether it leaves out whoever was missed lately: by asking for no missed call, or through the value bar."""
    for fact, values in _asked(compiled, term):
        if fact.name == "under_bar" and values == [True]:
            return True
        if fact.name == "missed_since_answer" and all(value is not None and value <= 0 for value in values):
            return True
    return False


def _asked(compiled: Compiled, term: Term) -> Iterator[tuple[Fact, list[Any]]]:
    """Every fact a term asks about, with what stands for the buckets it allows."""
    for number, mask in term.masks.items():
        if number:
            dimension = compiled.space.dimensions[number - 1]
            yield (
                dimension.use.fact,
                [value for bucket, value in enumerate(dimension.values) if mask >> bucket & 1],
            )


def _owed_nothing(classes: Classes) -> Iterator[PolicyFault]:
    """Calls that end with the promise of a call-back that nobody is owed."""
    remedy = f"leave call_back = false out, or choose another branch than {PUTS_OFF!r}"
    told = set()
    for name in classes.given:
        given = classes.fields[name]
        if given["branch"] == PUTS_OFF and not given.get("call_back", True):
            told.add(name)
            problem = f"call_back: {name!r} is put off, and nobody calls back"
            yield classes.entries[name].fault("call_back", problem, remedy)
    for name, rule, fields in classes.refined:
        if fields["branch"] == PUTS_OFF and not fields.get("call_back", True) and name not in told:
            key = "call_back" if "call_back" in rule.fields else "branch"
            yield rule.entry.fault(key, f"{key}: {name!r} is put off, and nobody calls back", remedy)
