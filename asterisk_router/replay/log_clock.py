"""Reads the moments of a log: its format and its time zone, most of them by looking up the hour."""

from __future__ import annotations

import re
from datetime import datetime

from ..policy.schedules import zone

EPOCH = "epoch"
"""The format of moments that are seconds since 1970 UTC, as queue_log has them."""

MOST_HOURS = 4096
"""Hours remembered before starting afresh."""

_IN_THE_HOUR = re.compile(r":([0-5][0-9]):([0-5][0-9])\Z")


class LogClock:
    """Text of a log -> seconds since 1970 UTC. An hour that the clocks go through twice is taken as the first one.

    >>> LogClock("%y%m%d %H:%M:%S", "Europe/London").at_s("990101 0:00:31")
    915148831
    """

    def __init__(self, form: str, timezone: str) -> None:
        """`form` is one of strptime, or EPOCH; raises ValueError, ZoneInfoNotFoundError for no time zone."""
        self._form = form
        self._zone = zone(timezone)
        self._by_hour = form.endswith("%H:%M:%S")
        self._hours: dict[str, int | None] = {}

    def at_s(self, text: str) -> int:
        """The moment; raises ValueError for text that is none."""
        if self._form == EPOCH:
            return int(float(text))
        found = _IN_THE_HOUR.search(text) if self._by_hour else None
        if found is None:
            return self._exactly(text)
        hour = text[:-6]
        began_s = self._hours[hour] if hour in self._hours else self._whole_hour(hour)
        if began_s is None:
            return self._exactly(text)
        return began_s + int(found[1]) * 60 + int(found[2])

    def hour(self, at_s: int) -> int:
        """Hour of the day in the log's time zone."""
        return datetime.fromtimestamp(at_s, self._zone).hour

    def _whole_hour(self, hour: str) -> int | None:
        """When an hour begins; None for one in which the clocks are put forward or back."""
        began_s: int | None = self._exactly(hour + ":00:00")
        if self._exactly(hour + ":59:59") - (began_s or 0) != 3599:
            began_s = None
        if len(self._hours) >= MOST_HOURS:
            self._hours.clear()
        self._hours[hour] = began_s
        return began_s

    def _exactly(self, text: str) -> int:
        return int(datetime.strptime(text, self._form).replace(tzinfo=self._zone).timestamp())
