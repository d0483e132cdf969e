"""Tags of whole ranges and prefixes of numbers (an authority, a company exchange), answered from memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import TagError
from .caller import Tag
from .tags import check_tag


class TaggedRange(NamedTuple):
    """One tag on many numbers."""

    first: str
    """First number of the range, canonical; or the prefix."""
    last: str
    """Last number of the range, as long as the first; empty for a prefix."""
    tag: Tag
    """What is asserted about every number in it."""


class NumberRanges:
    """Which tags a number has because of where it lies; `replace` swaps all of them at once.

    Every range and prefix that holds the number counts, the narrowest first; two with the same tag name both
    appear, so that whoever looks for the first meets the most specific.
    """

    def __init__(self, ranges: Iterable[TaggedRange] = ()) -> None:
        self.entries: tuple[TaggedRange, ...] = ()
        """Everything tagged, in order of its first number."""
        self._prefixes: dict[str, tuple[Tag, ...]] = {}
        self._prefix_lengths: tuple[int, ...] = ()
        self._spans: dict[int, tuple[list[str], list[tuple[Tag, ...]]]] = {}
        self.replace(ranges)

    def replace(self, ranges: Iterable[TaggedRange]) -> None:
        """Answer from `ranges` from now on; raises TagError and stays as it was when one is malformed."""
        entries = tuple(sorted(check_range(entry) for entry in ranges))
        prefixes: dict[str, tuple[Tag, ...]] = {}
        by_length: dict[int, list[TaggedRange]] = {}
        for entry in entries:
            if entry.last:
                by_length.setdefault(len(entry.first), []).append(entry)
            else:
                prefixes[entry.first] = (*prefixes.get(entry.first, ()), entry.tag)
        self.entries = entries
        self._prefixes = prefixes
        self._prefix_lengths = tuple(sorted({len(prefix) for prefix in prefixes}, reverse=True))
        self._spans = {length: _spans(ranged) for length, ranged in by_length.items()}

    def tags_of(self, key: str) -> tuple[Tag, ...]:
        """Every tag on the canonical number `key` by range (narrowest first), then by prefix (longest first).

        >>> ranges = NumberRanges([TaggedRange("+12025550100", "+12025550149", Tag("tax-office"))])
        >>> [tag.name for tag in ranges.tags_of("+12025550120")]
        ['tax-office']
        """
        if not self.entries:
            return ()
        tags: tuple[Tag, ...] = ()
        span = self._spans.get(len(key))
        if span:
            starts, tags_from = span
            at = bisect_right(starts, key)
            if at:
                tags = tags_from[at - 1]
        for length in self._prefix_lengths:
            if length <= len(key):
                tags += self._prefixes.get(key[:length], ())
        return tags


def check_range(entry: TaggedRange) -> TaggedRange:
    """The entry itself if it can be used; raises TagError saying what is wrong with it."""
    check_tag(entry.tag)
    for number in (entry.first, entry.last or entry.first):
        digits = number[1:] if number.startswith("+") else number
        if not (digits.isascii() and digits.isdigit()):
            raise TagError(f"`{number}` is no canonical number", remedy="write it as in `+12025550100` or `201`")
    if entry.last and (len(entry.last) != len(entry.first) or entry.last < entry.first):
        raise TagError(
            f"`{entry.first}` to `{entry.last}` is no range", remedy="both ends need the same length, the lower first"
        )
    return entry


def _spans(ranges: list[TaggedRange]) -> tuple[list[str], list[tuple[Tag, ...]]]:
    """Where the set of tags changes along numbers of one length, and the tags from each such number on."""
    edges = {entry.first for entry in ranges} | {_next_number(entry.last) for entry in ranges}
    starts = sorted(edges)
    opening: dict[str, list[TaggedRange]] = {}
    for entry in ranges:
        opening.setdefault(entry.first, []).append(entry)
    held: list[TaggedRange] = []
    tags_from = []
    for start in starts:
        held = [entry for entry in held if entry.last >= start] + opening.get(start, [])
        held.sort(key=_width)
        tags_from.append(tuple(entry.tag for entry in held))
    return starts, tags_from


def _next_number(number: str) -> str:
    """The first text after `number` in the order of equally long numbers."""
    return number + "\x00"


def _width(entry: TaggedRange) -> int:
    return int(entry.last) - int(entry.first)
