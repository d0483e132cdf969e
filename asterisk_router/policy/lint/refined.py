"""What calls of each class can get: the class as written, and with each treat rule laid over it that can meet it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ..file.entries import Entry
from ..policy import Policy
from ..rules.lists import Rule
from ..rules.terms import CLASS, Term
from ..skills import laid_over

CLASSIFY, TREAT, BONUS = 0, 1, 2
"""Steps of the compiled program."""


class Refined(NamedTuple):
    """A class with one treat rule over it."""

    name: str
    """The class."""
    rule: Rule
    """The treat rule."""
    fields: Mapping[str, Any]
    """What its calls get then."""


class Classes:
    """The classes of a policy, and which rules can meet their calls."""

    def __init__(self, policy: Policy, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        """Where each class is written, by name."""
        self.fields = {name: laid_over(policy.class_fields(name), {}, policy.queue_rules) for name in entries}
        """What each gets unrefined."""
        self.rules = {name: policy.class_rules(name) for name in entries}
        """What each is owed."""
        self._policy = policy
        self._numbers = policy.compiled.space.classes
        self.given: dict[str, list[Term]] = {}
        """By class that some rule gives: the terms of those rules."""
        terms = policy.compiled.terms_of(CLASSIFY)
        for index, rule in enumerate(policy.rules["classify"]):
            self.given.setdefault(rule.fields["class"], []).extend(terms[index])
        self.by_queue: dict[str, list[str]] = {}
        """Classes somebody can have, by the queue they wait in."""
        for name in self.given:
            self.by_queue.setdefault(self.fields[name].get("queue", ""), []).append(name)
        self.by_queue.pop("", None)

    @cached_property
    def bonuses(self) -> dict[str, list[Rule]]:
        """The bonus rules that can meet each class that is given."""
        found: dict[str, list[Rule]] = {name: [] for name in self.given}
        for index, terms in self._policy.compiled.terms_of(BONUS).items():
            for name in self._met(terms):
                found[name].append(self._policy.rules["bonus"][index])
        return found

    @cached_property
    def refined(self) -> list[Refined]:
        """Every class with every treat rule that can meet it."""
        rules, queues = self._policy.rules["treat"], self._policy.queue_rules
        return [
            Refined(name, rules[index], laid_over(self._policy.class_fields(name), rules[index].fields, queues))
            for index, terms in self._policy.compiled.terms_of(TREAT).items()
            for name in self._met(terms)
        ]

    def _met(self, terms: Sequence[Term]) -> list[str]:
        """Classes that a rule can meet: proved by what both demand; that earlier rules may take all those calls is not
        looked at.
        """
        return [
            name
            for name, given in self.given.items()
            if any(
                term.masks.get(CLASS, -1) >> self._numbers[name] & 1 and term.joined(each) is not None
                for term in terms
                for each in given
            )
        ]
