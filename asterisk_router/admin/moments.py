"""Moments and spans of time as a person writes them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ..errors import RouterError

SPAN = re.compile(r"([0-9]+)\s*(min|[hdwy])")
SPAN_S = {"min": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}


def parse_moment(written: str) -> int:
    """`2026-11-23`, `2026-11-23 09:30` or with its own offset `2026-11-23T09:30+01:00`; else the machine's zone.

    In seconds since 1970 UTC; raises RouterError for anything else.
    """
    try:
        return int(datetime.fromisoformat(written.replace("Z", "+00:00")).timestamp())
    except ValueError:
        raise RouterError(f"{written!r} is no moment", remedy="write it as 2026-11-23 or 2026-11-23T09:30") from None


def parse_expiry(written: str, now_s: int) -> int:
    """`30d`, `12h`, `2w`, `1y`, `90min` from now, or a date, at whose end the thing expires; `never` is 0.

    In seconds since 1970 UTC; raises RouterError for anything else and for a moment that has passed.
    """
    if written == "never":
        return 0
    if span := SPAN.fullmatch(written):
        return now_s + int(span[1]) * SPAN_S[span[2]]
    try:
        day_after = date.fromisoformat(written) + timedelta(days=1)
    except ValueError:
        expires_at_s = parse_moment(written)
    else:
        expires_at_s = int(datetime.combine(day_after, time()).timestamp())
    if expires_at_s <= now_s:
        raise RouterError(f"{written} has passed already", remedy="name a later date, or a span such as 30d")
    return expires_at_s


def parse_past(written: str, now_s: int) -> int:
    """`30d`, `12h`, `2w` ago, or a moment; in seconds since 1970 UTC. Raises RouterError for anything else.

    >>> parse_past("2h", 7200)
    0
    """
    span = SPAN.fullmatch(written)
    return now_s - int(span[1]) * SPAN_S[span[2]] if span else parse_moment(written)


def as_moment(at_s: int) -> str:
    """A moment for a person, in the machine's zone: `2026-11-23 09:30`; `-` for 0, which means never."""
    return datetime.fromtimestamp(at_s).strftime("%Y-%m-%d %H:%M") if at_s else "-"


def to_the_second(at_s: float) -> str:
    """A moment for a person, in the machine's zone, to the second: `2026-11-23 09:30:12`."""
    return datetime.fromtimestamp(at_s).strftime("%Y-%m-%d %H:%M:%S")


def as_span(seconds: float | None) -> str:
    """A wait for a person: `0:42`, `12:05`, `1:02:03`; `unknown` for None.

    >>> as_span(3723.9)
    '1:02:03'
    """
    if seconds is None:
        return "unknown"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
