"""When the house is open: weekly hours in a time zone, with closed days and lists of holidays."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from .facts.table import WEEKDAYS
from .file.words import minutes_of

WEEK = 7 * 1440
"""Minutes in a week; Monday 00:00 is 0."""

_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? +(\d\d:\d\d)-(\d\d:\d\d)\Z")
_DATE = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)\Z")


def hours_of(text: str) -> list[tuple[int, int]] | None:
    """`mon-fri 08:00-18:00` as spans of minutes of the week; hours may run past midnight. None when it is neither.

    >>> hours_of("sat 09:00-12:00")
    [(7740, 7920)]
    """
    if text == "always":
        return [(0, WEEK)]
    found = _HOURS.match(text)
    if not found or found[1] not in WEEKDAYS or (found[2] or found[1]) not in WEEKDAYS:
        return None
    opens, closes = minutes_of(found[3]), minutes_of(found[4])
    if opens is None or closes is None or opens == closes:
        return None
    first, last = WEEKDAYS.index(found[1]), WEEKDAYS.index(found[2] or found[1])
    length = (closes - opens) % 1440 or 1440
    days = range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
    spans = []
    for day in days:
        start = day * 1440 + opens
        spans.append((start, min(start + length, WEEK)))
        if start + length > WEEK:
            spans.append((0, start + length - WEEK))
    return spans


def date_of(text: str) -> str | None:
    """A date of one year (`2026-12-24`) or of every year (`12-24`), checked; None when it is neither."""
    found = _DATE.match(text)
    if not found:
        return None
    try:
        datetime.date(int(found[1] or 2024), int(found[2]), int(found[3]))  # 2024: 29 February exists
    except ValueError:
        return None
    return text


def is_listed(day: datetime.date, dates: frozenset[str]) -> bool:
    """Whether a list of dates names that day."""
    whole = day.isoformat()
    return whole in dates or whole[5:] in dates


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; raises ValueError, ZoneInfoNotFoundError (a KeyError)."""
    return ZoneInfo(name)


def is_steady(timezone: str, start_s: int, length_s: int) -> bool:
    """Whether local time runs on through a stretch that begins at a multiple of its length, there as in UTC.

    Newfoundland put its clocks back at 00:01, 02:31 UTC, until 2011:

    >>> [is_steady("America/St_Johns", 1289097000 + later_s, 900) for later_s in (-900, 0, 900)]
    [True, False, True]
    """
    moments = (datetime.datetime.fromtimestamp(at_s, zone(timezone)) for at_s in (start_s, start_s + length_s - 1))
    first, last = (moment.utcoffset() or datetime.timedelta() for moment in moments)
    return first == last and not first % datetime.timedelta(seconds=length_s)


class Schedule:
    """Weekly hours in one time zone, closed on some days."""

    def __init__(self, name: str, timezone: str, hours: Sequence[tuple[int, int]], closed: frozenset[str]) -> None:
        self.name = name
        """As in `[schedules.NAME]`."""
        self.timezone = timezone
        """IANA name of the time zone the hours are in."""
        self.hours = tuple(sorted(hours))
        """Open spans, in minutes of the week."""
        self.closed = closed
        """Dates, of one year or of every year, on which it stays closed all day."""

    def is_open(self, at_s: float) -> bool:
        """Whether it is open at that second since 1970 UTC."""
        local = datetime.datetime.fromtimestamp(at_s, zone(self.timezone))
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        for start, end in self.hours:
            if start <= minute < end:
                return not self.closed or not is_listed(local.date(), self.closed)
        return False
