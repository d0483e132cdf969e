"""A fact cut into the few ranges that the rules of one policy can tell apart: its buckets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping

from ..rules.conditions import Atom
from .table import Fact, FactUse, Value

IDENTIFIED = FactUse(Fact("identified", "", "flag", "caller", "The caller can be believed."))
"""Whether tags and open matters that are not there are known not to be there."""

NUMBERED = FactUse(Fact("numbered", "", "flag", "call", "There is a number."))
"""The same for prefixes."""


_FLAG_BUCKETS: dict[Value, int] = {False: 0, True: 1, None: 2}


FEW = 32
"""Numbers below it have their bucket at hand: counts of calls and orders, levels of trust."""


class Dimension:
    """One fact as the program sees it: every value falls into one bucket, the last of which is unknown.

    Each bucket has a value that stands for it, so what an atom answers for the bucket is what it answers for
    every value in it.
    """

    def __init__(self, use: FactUse, atoms: Iterable[Atom]) -> None:
        self.use = use
        """The fact."""
        operands = {operand for atom in atoms for operand in atom.operands}
        self.buckets_of: Mapping[Value, int]
        """The bucket of every value."""
        self.values: list[object]
        """What stands for each bucket."""
        if use.fact.type == "flag":
            self.values, self.buckets_of = [False, True, None], _FLAG_BUCKETS
        elif use.fact.type == "word":
            self.values, self.buckets_of = _words(sorted(str(word) for word in operands))
        else:
            self.values, self.buckets_of = _ranges(sorted(int(number or 0) for number in operands))

    def buckets(self, atom: Atom, answer: bool) -> int:
        """A bit for each bucket in which the atom definitely gives that answer."""
        mask = 0
        for bucket, value in enumerate(self.values):
            if atom.holds(value) is answer:  # type: ignore[arg-type]
                mask |= 1 << bucket
        return mask


class _Other(dict[Value, int]):
    """Buckets of the values met nearly always; the rest is worked out, and not kept, for callers write values."""

    def __init__(self, known: dict[Value, int], work_out: Callable[[Value], int]) -> None:
        super().__init__(known)
        self._work_out = work_out

    def __missing__(self, value: Value) -> int:
        return self._work_out(value)


def _words(words: list[str]) -> tuple[list[object], Mapping[Value, int]]:
    buckets: dict[Value, int] = {word: bucket for bucket, word in enumerate(words)}
    other = len(words)
    buckets.setdefault("", other)  # nothing chosen, no language: what most callers have
    buckets[None] = other + 1
    return [*words, object(), None], _Other(buckets, lambda _: other)


def _ranges(thresholds: list[int]) -> tuple[list[object], Mapping[Value, int]]:
    """Below the first, the first itself, between the first two...: 2n+1 ranges for n thresholds."""
    values: list[object] = []
    for index, threshold in enumerate(thresholds):
        values += [(thresholds[index - 1] + threshold) / 2 if index else threshold - 1, threshold]
    values += [thresholds[-1] + 1 if thresholds else 0, None]
    unknown, count = len(values) - 1, len(thresholds)

    def index_of(value: Value) -> int:
        at = bisect_left(thresholds, value)  # type: ignore[type-var]
        return 2 * at + (at < count and thresholds[at] == value)

    few: dict[Value, int] = {number: index_of(number) for number in range(FEW)}
    return values, _Other({**few, None: unknown}, index_of)
