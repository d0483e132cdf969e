"""The facts of a call, read and put into buckets: what the kernel is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from math import gcd
from typing import Any, TypeVar

from ..._native import kernel
from ..._native.plain_facts import TRUTH, VALUE, Slot
from ...callers.caller import Caller
from ...callers.trust import E0
from ...numbering.number import Number
from ...wire.incoming_call import IncomingCall
from ..live_view import MOST_LINES
from ..rules.compile import CLOCK, FIRST_OWN_SLOT, LINE, Compiled
from ..schedules import is_steady
from ..situation import Line, LiveAnswers, Situation
from .dimensions import Dimension
from .readers import IDENTIFIED, NUMBER_KEY, Field, House, Read, reader_of
from .table import FactUse, Value

Key = TypeVar("Key")

MOST_REMEMBERED = 4096
"""Lines called, or stretches of time, remembered before starting afresh: callers write the number called, so it must
end."""

MOST_MEANT = 64
"""Values of a fact whose meaning is kept: words of languages, names of agents."""

MINUTE_S = 60
"""The clock as rules see it goes by minutes."""

QUARTER_S = 900
"""Longest stretch over which the clock can say one thing: the offsets of time zones are made of quarters of an hour."""


class Gatherer:
    """Reads only the facts the policy uses: those of the clock once a stretch in which they stay as they are, of the
    line called once a line, of the live line once a turn of it."""

    def __init__(self, compiled: Compiled, house: House) -> None:
        self._compiled = compiled
        self._house = house
        dimensions = compiled.space.dimensions
        facts = kernel("facts")
        self._labels_of = facts.labels_of
        self._facts = facts.Facts([self._slot(dimensions[n - 1]) for n in compiled.own[compiled.live :]])
        live = [dimensions[n - 1] for n in compiled.own[: compiled.live]]
        self._live = [(self._reader(dimension.use), dimension.buckets_of) for dimension in live]
        self._live_uses = [dimension.use for dimension in live]
        self._unknown = [dimension.buckets_of[None] for dimension in live]
        self._boards: dict[LiveAnswers, tuple[int, list[int], list[Value]]] = {}
        self._shared = {
            slot: [(self._reader(dimensions[n - 1].use), dimensions[n - 1].buckets_of) for n in numbers]
            for slot, numbers in compiled.shared.items()
        }
        self._told_apart = FIRST_OWN_SLOT + len(compiled.own) - compiled.of_record
        self._of_strangers: list[int] | None = None  # read off the first one
        self._signatures: dict[int, dict[tuple[int, ...], int]] = {slot: {} for slot in compiled.shared}
        clock = [dimensions[n - 1].use for n in compiled.shared[CLOCK]]
        self._stretch_s = _stretch_s(clock, house)
        self._zones = (
            {house.timezone, *(schedule.timezone for schedule in house.schedules.values())} if clock else set()
        )
        self._stretches: dict[int, int] = {}
        self.most_stretches = MOST_REMEMBERED
        """Stretches of time remembered before starting afresh; more for whoever plays a year of calls over and over."""
        self._lines: dict[str, int] = {}
        labels = compiled.space.labels
        self._tags = {str(use.argument): label for use, label in labels.items() if use.fact.arguments == "tag"}
        self._matters = {str(use.argument): label for use, label in labels.items() if use.fact.arguments == "matter"}
        prefixes = {str(use.argument): label for use, label in labels.items() if use.fact.arguments == "prefix"}
        self._prefixes = prefixes
        self._places = frozenset(prefixes.values())
        self._lengths = sorted({len(prefix) for prefix in prefixes})

    def _reader(self, use: FactUse) -> Read:
        if use.fact.name in ("identified", "numbered"):
            return _PRESENCE[use.fact.name]
        return reader_of(use, self._house)

    def _slot(self, dimension: Dimension) -> Slot:
        read = self._reader(dimension.use)
        if not isinstance(read, Field):
            return Slot(read, (), -1, VALUE, 0, dimension.buckets_of)
        find = dimension.buckets_of if read.meaning is None else _Meant(read.meaning, dimension.buckets_of)
        return Slot(None, read.paths, read.gate, read.makes, read.window_s, find)

    def buckets(self, situation: Situation) -> list[int]:
        """One bucket a slot."""
        _, _, _, at_s, _, _, (called, *_), _, live, _ = situation
        clock = self._stretches.get(int(at_s) // self._stretch_s)
        if clock is None:
            clock = self._by_the_clock(at_s)
        line = self._lines.get(called)
        if line is None:
            line = self._remember(LINE, self._lines, called, situation)
        first = [0, clock, line]
        if self._live:
            if at_s > live.good_until_s:
                first += self._unknown  # whatever its turn says
            else:
                kept = self._boards.get(live)
                first += kept[1] if kept is not None and kept[0] == live.turn else self._look(situation)
        buckets: list[int] = self._facts.buckets(situation, first)
        return buckets

    def clock_of(self, at_s: float) -> int:
        """The bucket of the clock at that moment: what it says, as far as rules tell it apart."""
        clock = self._stretches.get(int(at_s) // self._stretch_s)
        return self._by_the_clock(at_s) if clock is None else clock

    def _by_the_clock(self, at_s: float) -> int:
        """The bucket of the clock, kept unless the clocks are put forward or back in this very stretch."""
        stretch = int(at_s) // self._stretch_s
        steady = all(is_steady(zone, stretch * self._stretch_s, self._stretch_s) for zone in self._zones)
        memory = self._stretches if steady else {}
        return self._remember(CLOCK, memory, stretch, _ANY_CALL._replace(at_s=at_s), self.most_stretches)

    def _look(self, situation: Situation) -> list[int]:
        """Those of the live line, kept for a turn of it."""
        live = situation.live
        values = [read(situation) for read, _ in self._live]
        buckets = [bucket_of[value] for (_, bucket_of), value in zip(self._live, values, strict=True)]
        if len(self._boards) >= MOST_LINES:
            self._boards.clear()
        self._boards[live] = live.turn, buckets, values
        return buckets

    def labels(self, situation: Situation) -> list[int]:
        """Tags, open matters and prefixes of the caller that the policy asks about."""
        caller = situation.caller
        tags = caller.tags
        labels: list[int] = self._labels_of(tags, self._tags, situation.at_s, situation.trust) if tags else []
        if caller.open_matters and situation.identified:
            for matter in caller.open_matters:
                if matter in self._matters:
                    labels.append(self._matters[matter])
        key = situation.number.key if self._lengths else ""
        for length in self._lengths:
            found = self._prefixes.get(key[:length])
            if found is not None and len(key) >= length:
                labels.append(found)
        return labels

    def of_stranger(self, situation: Situation, buckets: list[int], labels: list[int]) -> tuple[list[int], list[int]]:
        """Buckets and labels of the same call from a number of which nothing is known; a language on record stays.

        What is known of a caller stands in the last slots, and of every stranger it is the same.
        """
        if situation.identified:
            if self._of_strangers is None:
                stranger = self.buckets(situation._replace(caller=Caller.UNKNOWN))
                self._of_strangers = stranger[self._told_apart :]
            buckets = buckets[: self._told_apart] + self._of_strangers
        return buckets, [label for label in labels if label in self._places] if self._places else []

    def value_of(self, situation: Situation) -> Callable[[FactUse], Value]:
        """Reads facts one by one, as they are at the moment of the call."""
        return lambda use: self._reader(use)(situation)

    def seen_by(self, situation: Situation) -> Callable[[FactUse], Value]:
        """Reads facts one by one as a walk sees them, for explaining: those of the live line as of its latest turn."""
        known: dict[FactUse, Value] = {}
        kept = self._boards.get(situation.live)
        if kept is not None and kept[0] == situation.live.turn and situation.at_s <= situation.live.good_until_s:
            known.update(zip(self._live_uses, kept[2], strict=True))

        def read(use: FactUse) -> Value:
            if use not in known:
                known[use] = self._reader(use)(situation)
            return known[use]

        return read

    def readers_of(self, uses: Iterable[FactUse]) -> list[Read]:
        """What reads each of these facts, for those who read them of many calls."""
        return [self._reader(use) for use in uses]

    def _remember(
        self, slot: int, memory: dict[Key, int], key: Key, situation: Situation, most: int = MOST_REMEMBERED
    ) -> int:
        """The bucket of a shared slot; equal signatures share it, so there are only as many as the rules tell apart."""
        signature = tuple(bucket_of[read(situation)] for read, bucket_of in self._shared[slot])
        known = self._signatures[slot]
        if signature not in known:
            known[signature] = self._compiled.bucket_of(slot, signature)
        if len(memory) >= most:
            memory.clear()
        memory[key] = known[signature]
        return known[signature]


def _stretch_s(clock: Iterable[FactUse], house: House) -> int:
    """Over how many seconds at least these facts stay as they are, counted from any multiple of it."""
    minutes = QUARTER_S // MINUTE_S
    for use in clock:
        if use.fact.name == "time":
            return MINUTE_S
        if use.fact.name == "open":
            minutes = gcd(minutes, *chain.from_iterable(house.schedules[str(use.argument)].hours))
    return minutes * MINUTE_S


_ANY_CALL = Situation(IncomingCall(), Number("withheld", ""), Caller.UNKNOWN, 0.0, E0, False, Line(), False)
"""Stands for the call when the clock is read, which says the same of all of them."""


class _Meant(dict[Any, int]):
    """Buckets of values that mean a fact; those met first are kept, and no more, for callers write values."""

    def __init__(self, meaning: Callable[[Any], Value], buckets_of: Mapping[Value, int]) -> None:
        super().__init__({None: buckets_of[None]})
        self._meaning = meaning
        self._buckets_of = buckets_of

    def __missing__(self, value: Any) -> int:
        bucket = self._buckets_of[self._meaning(value)]
        if len(self) < MOST_MEANT:
            self[value] = bucket
        return bucket


_PRESENCE: Mapping[str, Read] = {
    "identified": Field(((IDENTIFIED,),)),
    "numbered": Field((NUMBER_KEY,), makes=TRUTH),
}
