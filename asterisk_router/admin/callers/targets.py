"""Whom a person means on the command line or in a form: one number, a prefix, or a range of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ...errors import RouterError

if TYPE_CHECKING:
    from ...numbering.number import Number
    from ...numbering.plan import NumberingPlan

PREFIX = re.compile(r"\+?[0-9]+")
LOOKED_UP = frozenset({"e164", "internal", "short", "emergency"})
"""Kinds of numbers under which callers are kept."""


class Target(NamedTuple):
    """One number (`first` alone), a prefix, or a range with both ends included; all canonical."""

    first: str
    """The number, the prefix, or the first number of the range: `+42125550100`."""
    last: str = ""
    """The last number of a range; empty for the other two."""
    is_prefix: bool = False
    """Whether `first` stands for every number that begins with it."""

    def __str__(self) -> str:
        if self.is_prefix:
            return f"{self.first}*"
        return f"{self.first}-{self.last}" if self.last else self.first

    def of_caller(self) -> tuple[str, str]:
        """The number and an empty text where this is one caller; else an empty text and what it is."""
        return ("", str(self)) if self.is_prefix or self.last else (self.first, "")

    def holds(self, key: str) -> bool:
        """Whether the canonical number `key` is, or lies in, this."""
        if self.is_prefix:
            return key.startswith(self.first)
        return len(key) == len(self.first) and self.first <= key <= (self.last or self.first)


def number_key(plan: NumberingPlan, written: str) -> str:
    """The canonical form of a number that a person wrote; raises RouterError saying what it is instead."""
    number = plan.normalise(written)
    if number.kind not in LOOKED_UP:
        raise RouterError(
            f"{written!r} is {number.kind}, and no caller is kept under that",
            remedy="write it internationally, +42125550100, or name the country by --country",
        )
    return number.key


def parse_target(plan: NumberingPlan, written: str) -> Target:
    """Read `NUMBER`, `PREFIX*`, `FIRST-LAST` or `FIRST..LAST` as a person writes them.

    A dash inside one number (`202-555-0100`) makes no range: only a single dash between two whole numbers does.
    Raises RouterError for what is none of these.
    """
    if written.endswith("*"):
        return _prefix(written)
    first, dots, last = written.partition("..")
    if dots:
        return _range(written, number_key(plan, first), number_key(plan, last))
    first, _, last = written.partition("-")
    ends = plan.normalise(first), plan.normalise(last)
    if "-" not in last and all(_stands_alone(end) for end in ends):
        return _range(written, ends[0].key, ends[1].key)
    return Target(number_key(plan, written))


def _stands_alone(number: Number) -> bool:
    return number.kind in LOOKED_UP


def _prefix(written: str) -> Target:
    digits = re.sub(r"[ /().-]", "", written[:-1])
    if not PREFIX.fullmatch(digits):
        raise RouterError(f"{written!r} is no prefix", remedy="write it internationally and close it with *: +4212555*")
    return Target(digits, is_prefix=True)


def _range(written: str, first: str, last: str) -> Target:
    if len(first) != len(last) or first > last:
        raise RouterError(
            f"{written!r} is no range: {first} and {last} must have the same length, the lower number first"
        )
    return Target(first, last)
