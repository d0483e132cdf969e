"""Asterisk's extension patterns (`_2XX`, `_N[13-5]X.`), as sysadmins write ranges of their own numbers."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import NumberingPlanError
from .digit_automaton import DigitPatterns, NodePool, walkable

CLASSES = {"X": r"\d", "Z": "[1-9]", "N": "[2-9]"}
"""Asterisk's letters for one digit (`main/pbx.c`); small letters mean the same."""

LONGEST = 24
"""Most digits that `.` and `!` stand for: longer than any number."""

REMEDY = "write _ and then digits, X (0-9), Z (1-9), N (2-9), [13-5], and at the end . (one or more) or ! (any)"


def digit_pattern(pattern: str) -> str:
    """`pattern` as a regular expression for digits, `*` and `#`; raises NumberingPlanError with what to write.

    >>> digit_pattern("_2XX"), digit_pattern("112")
    ('2\\\\d\\\\d', '112')
    """
    if not pattern.startswith("_"):
        if pattern and all(char in "0123456789*#" for char in pattern):
            return "".join(f"[{char}]" if char in "*#" else char for char in pattern)
        raise NumberingPlanError(
            f"{pattern!r} is no number", remedy=f"did you mean '_{pattern}'?" if _reads(f"_{pattern}") else REMEDY
        )
    written, at = "", 1
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            inside, closed, _ = pattern[at + 1 :].partition("]")
            written += _one_of(pattern, inside if closed else "")
            at += len(inside) + 1
        elif char in ".!":
            if at != len(pattern) - 1:
                raise NumberingPlanError(f"{pattern!r} goes on after {char!r}", remedy=f"let {char!r} be its end")
            written += rf"\d{{{1 if char == '.' else 0},{LONGEST}}}"
        elif char.upper() in CLASSES:
            written += CLASSES[char.upper()]
        elif char in "*#":
            written += f"[{char}]"
        elif char in "0123456789":
            written += char
        elif char != "-":  # Asterisk skips dashes
            raise NumberingPlanError(f"{pattern!r} has {char!r}, which is no part of a pattern", remedy=REMEDY)
        at += 1
    if not written:
        raise NumberingPlanError(f"{pattern!r} matches nothing", remedy=REMEDY)
    return written


def automaton(labelled: Iterable[tuple[int, Iterable[str]]]) -> tuple[bytes, bytes, int]:
    """Labels, steps and first node of a table for several sets of patterns; on a tie the first set wins.

    Each set is its label and its patterns. Patterns with `*` or `#` are left out: no string of digits matches them.
    """
    pool, patterns = NodePool(), DigitPatterns()
    starts: list[int] = []
    ends: list[tuple[int, int]] = []
    for label, members in labelled:
        for member in members:
            written = digit_pattern(member)
            if "*" not in written and "#" not in written:
                start, end = patterns.add(written)
                starts.append(start)
                ends.append((end, label))

    def label_of(states: frozenset[int], _: str) -> int:
        return next((label for end, label in ends if end in states), 0)

    first = walkable(pool, patterns, starts, label_of, LONGEST)
    return pool.labels(), pool.steps(), first


def _one_of(pattern: str, inside: str) -> str:
    ends = [part.split("-") for part in _parts(inside)]
    digits = all(len(end) == 1 and end in "0123456789" for pair in ends for end in pair)
    if not inside or not digits or any(pair[0] > pair[-1] for pair in ends):
        raise NumberingPlanError(f"{pattern!r} has a set that is not one of digits", remedy="write it like [13-5]")
    return f"[{inside}]"


def _parts(inside: str) -> list[str]:
    parts, at = [], 0
    while at < len(inside):
        width = 3 if inside[at + 1 : at + 2] == "-" else 1
        parts.append(inside[at : at + width])
        at += width
    return parts


def _reads(pattern: str) -> bool:
    try:
        digit_pattern(pattern)
    except NumberingPlanError:
        return False
    return True
