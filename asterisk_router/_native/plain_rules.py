"""Walks the rule tables in plain Python, bitmaps as long integers; the twin of `ext/rules.pyx`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

SLOT_OF_CLASS = 0
"""The slot of the facts that the walk fills itself, with the class that was chosen."""


class Table(NamedTuple):
    """One list of rules, each as one or several terms, in the order of trial."""

    rules: Sequence[int]
    """By term: its rule; terms of one rule stand together."""
    chosen: Sequence[int]
    """By term: the label by which it is found, one of those it requires; -1 where it requires none."""
    required: Sequence[Sequence[int]]
    """By term: labels that must be there."""
    forbidden: Sequence[Sequence[int]]
    """By term: labels that must not be there."""
    slots: Sequence[Sequence[int]]
    """By slot and bucket: a bit for each term that allows it."""


def check_tables(tables: Sequence[Table], classes: Sequence[int], seconds: Sequence[int]) -> None:
    """Raise ValueError unless all three tables have the same buckets and every rule its class or its seconds."""
    shape = [len(slot) for slot in tables[0].slots]
    if not shape or any([len(slot) for slot in table.slots] != shape for table in tables):
        raise ValueError("the tables must have the same slots and buckets, the slot of the class first")
    if not all(0 <= each < shape[SLOT_OF_CLASS] for each in classes):
        raise ValueError("a classify rule has a class that has no bucket")
    for table, most in zip(tables, (len(classes), None, len(seconds)), strict=True):
        if not all(rule >= 0 and (most is None or rule < most) for rule in table.rules):
            raise ValueError("a term belongs to a rule that is not there")


class Program:
    """Three tables walked in one step over the same facts: classify, treat, bonus."""

    def __init__(
        self, classify: Table, treat: Table, bonus: Table, classes: Sequence[int], seconds: Sequence[int]
    ) -> None:
        """`classes` gives the class of each classify rule, `seconds` the head start of each bonus rule.

        Raises ValueError where they do not fit together.
        """
        check_tables((classify, treat, bonus), classes, seconds)
        self._tables = [_Bitmaps(table) for table in (classify, treat, bonus)]
        self._classes = list(classes)
        self._seconds = list(seconds)

    def add_bucket(self, slot: int, terms: tuple[int, int, int]) -> int:
        """Give a slot one more bucket, with the terms of each table that allow it; returns its number."""
        for table, allowed in zip(self._tables, terms, strict=True):
            table.slots[slot].append(allowed)
        return len(self._tables[0].slots[slot]) - 1

    def walk(self, buckets: Sequence[int], labels: Sequence[int]) -> tuple[int, ...]:
        """The classify rule, the treat rule, and every bonus rule that match; -1 for none.

        `buckets` holds one bucket a slot (that of the class is not read); raises IndexError for one that is not there.
        """
        classify, treat, bonus = self._tables
        facts = list(buckets)
        if len(facts) != len(classify.slots):
            raise IndexError("not one bucket a slot")
        facts[SLOT_OF_CLASS] = 0
        rule = next(classify.matches(facts, labels), -1)
        if rule >= 0:
            facts[SLOT_OF_CLASS] = self._classes[rule]
        return rule, next(treat.matches(facts, labels), -1), *bonus.matches(facts, labels)

    def walk_many(
        self, buckets: Sequence[int], label_ends: Sequence[int], labels: Sequence[int], results: memoryview
    ) -> None:
        """Many calls at once: for each, the classify rule, the treat rule and the seconds of all bonuses.

        All four are buffers of C ints (`array('i')`): the slots of each call, where each call's labels end, all
        labels, and three results a call.
        """
        slots = len(self._tables[0].slots)
        if len(buckets) < len(label_ends) * slots or len(results) < len(label_ends) * 3:
            raise IndexError("the buffers do not fit the number of calls")
        start = 0
        for call, end in enumerate(label_ends):
            if not start <= end <= len(labels):
                raise IndexError("no such bucket or label")
            found = self.walk(buckets[call * slots : call * slots + slots], labels[start:end])
            results[call * 3] = found[0]
            results[call * 3 + 1] = found[1]
            results[call * 3 + 2] = sum(self._seconds[rule] for rule in found[2:])
            start = end


class _Bitmaps:
    """A table made ready."""

    def __init__(self, table: Table) -> None:
        self.slots = [list(slot) for slot in table.slots]
        self._rules = table.rules
        self._required = [frozenset(labels) for labels in table.required]
        self._forbidden = [frozenset(labels) for labels in table.forbidden]
        self._always = 0
        self._by_label: dict[int, int] = {}
        for term, label in enumerate(table.chosen):
            if label < 0:
                self._always |= 1 << term
            else:
                self._by_label[label] = self._by_label.get(label, 0) | 1 << term

    def matches(self, facts: Sequence[int], labels: Sequence[int]) -> Iterator[int]:
        """Rules that match, in order, each once."""
        left = self._always
        for label in labels:
            left |= self._by_label.get(label, 0)
        for slot, bucket in zip(self.slots, facts, strict=True):
            if bucket < 0:
                raise IndexError("no such bucket")
            left &= slot[bucket]
        have = frozenset(labels)
        last = -1
        while left:
            lowest = left & -left
            term = lowest.bit_length() - 1
            left ^= lowest
            if self._rules[term] != last and self._required[term] <= have and not self._forbidden[term] & have:
                last = self._rules[term]
                yield last
