"""Texts of a log -> values of a call: seconds, amounts, tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite, nan
from typing import Any

from ..policy.file.words import seconds_of
from .columns import SPANS
from .past_call import UNKNOWN

LONGEST_S = 99_999
"""More than a day: nobody waits or talks longer. One such number in a log would be most of every mean."""

MOST_TRUST = 4
"""E4."""

_SPAN = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,5}):)?(\d{1,9})(?:\.(\d)\d*)?\Z")


class DirtyError(Exception):
    """Why a line cannot be read."""


def whole(text: str) -> int:
    """A whole number; UNKNOWN for nothing; raises DirtyError."""
    if not text:
        return UNKNOWN
    if text.isdecimal() and len(text) < 16:
        return int(text)
    raise DirtyError(f"no whole number: {text[:40]!r}")


def span(text: str) -> int:
    """Seconds, or `h:mm:ss`, a fraction rounded, LONGEST_S at most; UNKNOWN for nothing; raises DirtyError.

    >>> span("0:02:05"), span("12.6"), span("")
    (125, 13, -1)
    """
    if text.isdecimal() and len(text) < 6:
        return int(text)
    if not text:
        return UNKNOWN
    found = _SPAN.match(text)
    if found is None:
        raise DirtyError(f"no span of seconds: {text[:40]!r}")
    seconds = int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + int(found[3]) + (int(found[4] or 0) >= 5)
    if seconds > LONGEST_S:
        raise DirtyError(f"a span of more than {LONGEST_S} seconds: {text[:40]!r}")
    return seconds


def duration(text: str) -> int:
    """Seconds of `90s`, or a number of them; UNKNOWN for nothing; raises DirtyError."""
    seconds = seconds_of(text) if text and not text.isdecimal() else None
    return whole(text) if seconds is None else seconds


def amount(text: str) -> float:
    """An amount of money, its cents after a point or a comma; 0 for nothing; raises DirtyError."""
    if not text:
        return 0.0
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = nan
    if not isfinite(found):
        raise DirtyError(f"no amount: {text[:40]!r}")
    return found


def trust(text: str) -> int:
    """Trust from 0 to 4; UNKNOWN for nothing; raises DirtyError."""
    found = whole(text)
    if found > MOST_TRUST:
        raise DirtyError(f"no trust from 0 to {MOST_TRUST}: {text[:40]!r}")
    return found


def refused(text: str) -> str:
    """A privilege that can be claimed; raises DirtyError.

    A word of `Claims.refuses`.
    """
    if text not in ("", "incident", "head_start"):
        raise DirtyError(f"refused is neither incident nor head_start: {text[:40]!r}")
    return text


def tags(text: str) -> tuple[str, ...]:
    """Tags, separated by commas."""
    return tuple(filter(None, map(str.strip, text.split(",")))) if text else ()


CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(SPANS, span),
    "menu_s": lambda text: max(span(text), 0),
    "trust": trust,
    "refused": refused,
    "value": lambda text: max(whole(text), 0),
    "head_start": duration,
    "brings": amount,
    "tags": tags,
}
"""Fields of a map that are no texts, and how they are read."""
