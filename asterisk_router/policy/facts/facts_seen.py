"""The facts a policy saw of one call, written down for the registry: why it decided so can be read long afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..._native import kernel
from ..._native.plain_facts import VALUE, Slot
from ..explain import shown
from ..rules.conditions import atoms_of
from ..rules.lists import Rule
from ..situation import Situation
from .readers import Field
from .table import FactUse, Value

MOST_FACTS = 64
"""How many facts are written down, those of the first rules; a policy rarely asks more."""

MOST_WORDED = 64
"""Values of a fact whose wording is kept."""

MOST_CHARACTERS = 1_000
"""How long the line may be; then it ends in `...`."""

Readers = Callable[[Iterable[FactUse]], Sequence[Callable[[Situation], Value]]]
"""How facts are read, each by its own reader."""


Fact = tuple[FactUse, str, Callable[[Situation], Value]]
"""A fact, how its line begins, and what reads it."""


class FactsSeen:
    """Writes one line a call: `open('office')=yes; tag('vip')=yes; value=12000; queue('sales').free=0`.

    Facts that are no, or an empty word, are left out, and so are tags that cannot be known. Of tags only those the
    caller has are read, facts of the clock once a minute. Who is calling is not in it: the registry has the number.
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]], readers: Readers) -> None:
        uses = dict.fromkeys(
            atom.use
            for step in ("classify", "treat", "bonus")
            for rule in rules[step]
            for atom in atoms_of(rule.condition)
            if atom.use.fact.source != "class"
        )
        kept = list(uses)[:MOST_FACTS]
        facts = [(use, f"{use}=", read) for use, read in zip(kept, readers(kept), strict=True)]
        self._clock = [fact for fact in facts if fact[0].fact.source == "clock"]
        self._tags = {str(fact[0].argument): fact for fact in facts if fact[0].fact.name == "tag"}
        others = [fact for fact in facts if fact not in self._clock and fact[0].fact.name != "tag"]
        self._others = kernel("facts").Facts([_slot(use, read) for use, _, read in others])
        self._minute = -1
        self._by_the_clock: list[str] = []

    def line(self, situation: Situation) -> str:
        """The facts as they are in `situation`."""
        minute = int(situation.at_s) // 60
        if minute != self._minute:
            self._minute, self._by_the_clock = minute, _seen(self._clock, situation)
        tags: list[Fact] = []
        if situation.caller.tags and situation.identified:
            tags = [
                self._tags[name] for name in {tag.name: None for tag in situation.caller.tags} if name in self._tags
            ]
        others = filter(None, self._others.buckets(situation, []))
        line = "; ".join((*self._by_the_clock, *_seen(tags, situation), *others))
        return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 3] + "..."


class _Wording(dict[Any, str]):
    """How a fact of each value is written, worded when first met; empty where it is left out."""

    def __init__(self, use: FactUse, meaning: Callable[[Any], Value] | None) -> None:
        super().__init__()
        self._use = use
        self._meaning = meaning

    def __missing__(self, value: Any) -> str:
        meant = value if value is None or self._meaning is None else self._meaning(value)
        worded = "" if meant is False or meant == "" else f"{self._use}={shown(self._use, meant)}"
        if len(self) < MOST_WORDED:
            self[value] = worded
        return worded


def _slot(use: FactUse, read: Callable[[Situation], Value]) -> Slot:
    """What the kernel reads of a fact: in the place of a bucket its wording."""
    if not isinstance(read, Field):
        return Slot(read, (), -1, VALUE, 0, _Wording(use, None))
    return Slot(None, read.paths, read.gate, read.makes, read.window_s, _Wording(use, read.meaning))


def _seen(facts: Iterable[Fact], situation: Situation) -> list[str]:
    return [
        name + shown(use, value) for use, name, read in facts if (value := read(situation)) is not False and value != ""
    ]
