"""The small forms a policy is written in: durations, times of day, tokens, and the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Iterable

TOKEN = re.compile(r"[A-Za-z0-9_.:@/+-]*\Z")
"""What may reach Goto, Queue or Dial: nothing in it means anything to the dialplan (main/pbx_variables.c)."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
"""Names of classes, queues, agents, schedules, projects."""

EXTENSION = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
"""Branches and queues that the dialplan can have an extension for."""

TAG = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
"""Tags: small letters, digits and dashes, so that one tag has one spelling."""

LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,8})?\Z")
"""Languages as Asterisk writes them: `sk`, `en_GB`."""

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?\Z")
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\Z")


def seconds_of(duration: str) -> int | None:
    """Seconds in a duration such as `90s`, `5m`, `1h30m` or `2d`; None when it is not one.

    >>> seconds_of("1h30m")
    5400
    """
    found = _DURATION.match(duration)
    if not duration or not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def duration_of(seconds: int) -> str:
    """A duration as a policy writes it: the inverse of `seconds_of`.

    >>> duration_of(5400)
    '1h30m'
    """
    parts = []
    for size, unit in ((3600, "h"), (60, "m"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def minutes_of(time: str) -> int | None:
    """Minutes since midnight of `HH:MM` (`24:00` is the end of the day); None when it is not one.

    >>> minutes_of("18:30")
    1110
    """
    found = _TIME.match(time)
    if not found:
        return None
    minutes = int(found[1]) * 60 + int(found[2])
    return minutes if minutes <= 1440 else None


def nearest(word: str, words: Iterable[str]) -> str:
    """A remedy for a word nobody knows: the nearest right one, else all there are when they are few."""
    from difflib import get_close_matches  # 8 ms of import that only a refused policy pays

    known = sorted(set(words))
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not known:
        return "none is defined"
    shown = ", ".join(known[:12])
    return f"known: {shown}{', ...' if len(known) > 12 else ''}"
