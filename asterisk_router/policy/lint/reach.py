"""Rules that no call can reach: nothing meets their condition, or the rules before them take every call that does.

Proved over the buckets of the compiled program, so what is said here holds for every call there can be. What cannot be
proved within MOST_CUTS is taken for reachable: a rule is never refused by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import PolicyFault
from ..rules.compile import Compiled, Step, bitmaps
from ..rules.conditions import ALWAYS
from ..rules.lists import Rule
from ..rules.terms import CLASS, Term
from .possible import possible

MOST_CUTS = 500
"""How often what is left of one alternative is cut before giving up the proof that nothing is left."""

MOST_NAMED = 3
"""Rules named that hide another one together."""


def find_unreachable(compiled: Compiled, steps: Mapping[str, Sequence[Rule]], faults: list[PolicyFault]) -> None:
    """Add a fault for each rule that nothing meets, and each classify and treat rule that earlier ones hide.

    Bonus rules add up, so none hides another. The rule that closes the list is needed even where others take every
    call: it also decides those whose bytes are not to be believed.
    """
    cells = {number: possible(each) for number, each in enumerate(compiled.space.dimensions, start=1)}
    cells[CLASS] = (1 << compiled.space.buckets(CLASS)) - 1
    for number, name in enumerate(("classify", "treat", "bonus")):
        rules = steps[name]
        step = compiled.steps[number]
        for index in _impossible(step, cells):
            problem, remedy = "when: the condition can never hold", "no value of its facts meets all of it"
            faults.append(rules[index].entry.fault("when", problem, remedy))
        hidden = {} if name == "bonus" else _Hidden(compiled, step, cells).rules()
        for index, earlier in hidden.items():
            by = [rules[each] for each in earlier]
            if rules[index] is not steps["classify"][-1] or by[0].condition is ALWAYS:
                faults.append(_never_reached(rules[index], by))
    for name, rules in steps.items():
        _same_names(name, rules, faults)


def _never_reached(rule: Rule, earlier: Sequence[Rule]) -> PolicyFault:
    named = ", ".join(f"{each.name!r} at {each.where}" for each in earlier[:MOST_NAMED])
    more = f" and {len(earlier) - MOST_NAMED} more" if len(earlier) > MOST_NAMED else ""
    every = len(earlier) == 1 and earlier[0].condition is ALWAYS
    takes = f"take{'s' if len(earlier) == 1 else ''} {'every call' if every else 'all its calls'} before"
    key = "when" if "when" in rule.entry.fields else ""
    if rule.step == "classify" and rule.name.startswith("default of "):
        key = "default"
    return rule.entry.fault(key, f"never reached: {named}{more} {takes}", "move it up, or leave it out")


def _same_names(step: str, rules: Sequence[Rule], faults: list[PolicyFault]) -> None:
    first: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        if "name" not in rule.fields:
            continue
        earlier = first.setdefault((rule.entry.name, rule.name), rule)
        if earlier is not rule:
            problem = f"two [[{step}]] rules are named {rule.name!r}"
            faults.append(rule.entry.fault("name", problem, f"the other is at {earlier.where}"))


def _impossible(step: Step, cells: Mapping[int, int]) -> list[int]:
    """Rules none of whose alternatives any call can meet."""
    met = {rule for rule, term in zip(step.rules, step.terms, strict=True) if not _is_empty(term, cells)}
    return sorted(set(step.rules) - met)


def _is_empty(term: Term, cells: Mapping[int, int]) -> bool:
    return any(not mask & cells[number] for number, mask in term.masks.items())


class _Hidden:
    """One list of rules, and what their terms leave to each other."""

    def __init__(self, compiled: Compiled, step: Step, cells: Mapping[int, int]) -> None:
        self._step, self._cells = step, cells
        self._rows = {number: bitmaps(step, number, compiled.space.buckets(number)) for number in cells}
        self._whole = {}  # by dimension: terms that allow every bucket a call can fall into
        for number, rows in self._rows.items():
            self._whole[number] = -1
            for bucket, allowed in enumerate(rows):
                if cells[number] >> bucket & 1:
                    self._whole[number] &= allowed
        self._plain = 0  # terms that ask for no label
        self._labelled: dict[tuple[int, bool], int] = {}  # by label and whether it is required: terms that ask for it
        for index, term in enumerate(step.terms):
            self._plain |= 0 if term.required or term.forbidden else 1 << index
            for label, required in _asked(term):
                self._labelled[label, required] = self._labelled.get((label, required), 0) | 1 << index

    def rules(self) -> dict[int, list[int]]:
        """Rules none of whose alternatives can win, each with the rules that hide its first one."""
        step = self._step
        taken: dict[int, list[int]] = {}
        wins: set[int] = set()
        starts: dict[int, int] = {}
        for index, rule in enumerate(step.rules):
            starts.setdefault(rule, index)
            if rule in wins or _is_empty(step.terms[index], self._cells):
                continue
            earlier = self._hiding(index, (1 << starts[rule]) - 1)
            if earlier:
                taken.setdefault(rule, earlier)
            else:
                wins.add(rule)
        return {rule: earlier for rule, earlier in taken.items() if rule not in wins}

    def _hiding(self, index: int, before: int) -> list[int]:
        """Earlier rules that take all of one term: one alone, else several together; none if it can win."""
        step, term = self._step, self._step.terms[index]
        candidates = before & self._plain
        for asked in _asked(term):
            candidates |= before & self._labelled[asked]
        alone = candidates
        for number, rows in self._rows.items():
            mask = term.masks.get(number)
            if mask is None:
                alone &= self._whole[number]
                continue
            meets = 0
            for bucket in _bits(mask & self._cells[number]):
                alone &= rows[bucket]
                meets |= rows[bucket]
            candidates &= meets
        for at in _bits(alone):
            if _asks_no_more(step.terms[at], term):
                return [step.rules[at]]
        together = [at for at in _bits(candidates) if _asks_no_more(step.terms[at], term)]
        left = _Left(self._cells, [(step.rules[at], step.terms[at].masks) for at in together])
        return sorted(left.takers) if left.nothing_of(term.masks) else []


class _Left:
    """What is left of a box of buckets when others are cut out of it, one after the other."""

    def __init__(self, cells: Mapping[int, int], takers: Sequence[tuple[int, Mapping[int, int]]]) -> None:
        self.takers: set[int] = set()
        """Rules that took something."""
        self._cells, self._all, self._cuts = cells, takers, 0

    def nothing_of(self, masks: Mapping[int, int]) -> bool:
        """Whether nothing is left for certain."""
        return self._taken({number: mask & self._cells[number] for number, mask in masks.items()}, 0)

    def _taken(self, box: dict[int, int], start: int) -> bool:
        self._cuts += 1
        for at in range(start, len(self._all) if self._cuts <= MOST_CUTS else 0):
            rule, masks = self._all[at]
            if not all(box.get(number, self._cells[number]) & mask for number, mask in masks.items()):
                continue
            for number, mask in masks.items():
                had = box.get(number, self._cells[number])
                if had & ~mask and not self._taken({**box, number: had & ~mask}, at + 1):
                    return False
                box = {**box, number: had & mask}
            self.takers.add(rule)
            return True
        return False


def _asked(term: Term) -> list[tuple[int, bool]]:
    """Labels a term asks for: which, and whether they must be there."""
    return [(label, True) for label in term.required] + [(label, False) for label in term.forbidden]


def _asks_no_more(earlier: Term, term: Term) -> bool:
    """Whether every label the earlier one asks for is asked for by the term as well."""
    return earlier.required <= term.required and earlier.forbidden <= term.forbidden


def _bits(bits: int) -> list[int]:
    found = []
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        found.append(lowest.bit_length() - 1)
    return found
