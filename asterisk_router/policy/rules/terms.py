"""Conditions as alternatives of plain demands: what the kernel can walk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..facts.dimensions import IDENTIFIED, NUMBERED, Dimension
from ..facts.table import FactUse
from .conditions import Atom, Condition, Not, Or, atoms_of

MOST_ALTERNATIVES = 64
"""A `when` that multiplies into more is refused: it is cheaper and clearer as several rules."""

CLASS = 0
"""The dimension of the class that `[[classify]]` chose."""


class TooManyAlternatives(Exception):
    """A condition multiplies into more than MOST_ALTERNATIVES."""


class Term(NamedTuple):
    """Demands that must all be met."""

    masks: dict[int, int]
    """For some dimensions: a bit for each bucket allowed."""
    required: frozenset[int] = frozenset()
    """Labels (tags, prefixes, open matters) that must be there."""
    forbidden: frozenset[int] = frozenset()
    """Labels that must not be there; that their absence is known is demanded in `masks`."""

    def joined(self, other: Term) -> Term | None:
        """Both terms' demands; None when no call can meet them."""
        masks = dict(self.masks)
        for dimension, mask in other.masks.items():
            masks[dimension] = masks.get(dimension, mask) & mask
            if not masks[dimension]:
                return None
        required, forbidden = self.required | other.required, self.forbidden | other.forbidden
        return None if required & forbidden else Term(masks, required, forbidden)


class Space:
    """Every dimension and label that the rules of one policy ask about."""

    def __init__(self, conditions: Iterable[Condition], classes: Sequence[str]) -> None:
        atoms: dict[FactUse, list[Atom]] = {}
        for condition in conditions:
            for atom in atoms_of(condition):
                if atom.use.fact.source != "class":
                    atoms.setdefault(atom.use, []).append(atom)
        self.classes = {name: index for index, name in enumerate(classes)}
        """Classes by their bucket in the dimension CLASS."""
        self.labels: dict[FactUse, int] = {}
        """Tags, prefixes and open matters, numbered."""
        self.dimensions: list[Dimension] = []
        """All others; dimension n of a Term is `dimensions[n - 1]`."""
        self._number: dict[FactUse, int] = {}
        for use, asked in atoms.items():
            if use.fact.many:
                self.labels[use] = len(self.labels)
                use, asked = _presence(use), []
            if use not in self._number:
                self.dimensions.append(Dimension(use, asked))
                self._number[use] = len(self.dimensions)

    def buckets(self, dimension: int) -> int:
        """How many buckets a dimension has."""
        return len(self.dimensions[dimension - 1].values) if dimension else len(self.classes)

    def dimension(self, use: FactUse) -> Dimension:
        """The dimension of one fact; raises KeyError for a label, the class, or what no rule asks."""
        return self.dimensions[self._number[use] - 1]

    def terms(self, condition: Condition) -> list[Term]:
        """The alternatives under which a condition definitely holds; raises TooManyAlternatives."""
        return self._terms(condition, True)

    def _terms(self, condition: Condition, answer: bool) -> list[Term]:
        if isinstance(condition, Atom):
            return self._atom(condition, answer)
        if isinstance(condition, Not):
            return self._terms(condition.part, not answer)
        parts = [self._terms(part, answer) for part in condition.parts]
        if isinstance(condition, Or) == answer:
            return _bounded(_united([term for part in parts for term in part]))
        product = [Term({})]
        for part in parts:
            joined = (left.joined(right) for left in product for right in part)
            product = _bounded([term for term in joined if term is not None])
        return product

    def _atom(self, atom: Atom, answer: bool) -> list[Term]:
        use = atom.use
        if use.fact.source == "class":
            own = 1 << self.classes[str(use.argument)]
            everything = (1 << len(self.classes)) - 1
            if atom.operator == "known":
                return [Term({})] if answer else []
            mask = own if answer else everything & ~own
            return [Term({CLASS: mask})] if mask else []
        if use.fact.many:
            return self._label(atom, answer)
        dimension = self._number[use]
        mask = self.dimensions[dimension - 1].buckets(atom, answer)
        return [Term({dimension: mask})] if mask else []

    def _label(self, atom: Atom, answer: bool) -> list[Term]:
        """A label that is there is there; one that is not is only known not to be when its presence is known."""
        label = frozenset([self.labels[atom.use]])
        presence = self._number[_presence(atom.use)]
        known, unknown = Term({presence: 0b010}), Term({presence: 0b101})
        there, absent = Term({}, required=label), Term({}, forbidden=label)
        if atom.operator == "known":
            return [there, known] if answer else [Term(unknown.masks, forbidden=label)]
        return [there] if answer else [Term(known.masks, forbidden=absent.forbidden)]


def _presence(use: FactUse) -> FactUse:
    return NUMBERED if use.fact.arguments == "prefix" else IDENTIFIED


def _united(terms: list[Term]) -> list[Term]:
    """Alternatives that each demand something of the same one dimension, as one."""
    single: dict[int, int] = {}
    rest = []
    for term in terms:
        if len(term.masks) == 1 and not term.required and not term.forbidden:
            for dimension, mask in term.masks.items():
                single[dimension] = single.get(dimension, 0) | mask
        elif term not in rest:
            rest.append(term)
    return [Term({dimension: mask}) for dimension, mask in single.items()] + rest


def _bounded(terms: list[Term]) -> list[Term]:
    if len(terms) > MOST_ALTERNATIVES:
        raise TooManyAlternatives
    return terms
