"""What a rule demands of single facts, read off its compiled terms: what holds, and what would have to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..facts.table import FactUse, Value
from ..rules.terms import CLASS, Space, Term

Read = Callable[[FactUse], Value]
"""Reads one fact of one call."""


class Demand(NamedTuple):
    """What one fact must read for a term to hold, or for it not to."""

    use: FactUse
    """The fact."""
    allowed: int
    """A bit for each bucket of it that will do; of a tag, an open matter or a prefix 1 for there, 0 for not."""
    space: Space
    """The buckets."""

    def fits(self, value: Value) -> bool:
        """Whether that value will do."""
        if self.use.fact.many:
            return (value is True) == bool(self.allowed)
        return bool(self.allowed >> self.space.dimension(self.use).buckets_of[value] & 1)

    def denied(self) -> Demand:
        """The demand that whatever will do does not."""
        if self.use.fact.many:
            return self._replace(allowed=1 - self.allowed)
        every = (1 << len(self.space.dimension(self.use).values)) - 1
        return self._replace(allowed=every & ~self.allowed)

    def asked(self) -> list[Value]:
        """The values the rules of the policy compare the fact with."""
        values = [] if self.use.fact.many else self.space.dimension(self.use).values
        return [value for value in values if isinstance(value, (int, str))]


def demands_of(term: Term, space: Space) -> list[Demand]:
    """Everything a term demands of the facts; that of the class is left out."""
    uses = {label: use for use, label in space.labels.items()}
    demands = [
        Demand(space.dimensions[number - 1].use, mask, space) for number, mask in term.masks.items() if number != CLASS
    ]
    demands += [Demand(uses[label], 1, space) for label in sorted(term.required)]
    demands += [Demand(uses[label], 0, space) for label in sorted(term.forbidden)]
    return demands


def terms_of(terms: list[Term], rules: list[int], rule: int, caller_class: int) -> Iterator[Term]:
    """The alternatives of one rule that calls of a class can meet."""
    for term, owner in zip(terms, rules, strict=True):
        if owner == rule and term.masks.get(CLASS, -1) >> caller_class & 1:
            yield term
