"""Reads the moments of a log: its format and its time zone, most of them by looking up the hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..policy.schedules import zone

EPOCH = "epoch"
"""The format of moments that are seconds since 1970 UTC, as queue_log has them."""


def tells_zone(form: str) -> bool:
    """Whether moments of a format are the same in every time zone: not as the clock on the wall showed them."""
    return form == EPOCH or "%z" in form


LATEST_S = 4_102_444_800
"""The year 2100: no log tells of a later moment, nor of one before 1970, and calendars end not far beyond."""

MOST_HOURS = 4096
"""Hours remembered before starting afresh."""

MOST_QUARTERS = 40_000
"""Quarters of an hour remembered before starting afresh: more than a year has."""

_WITHIN = {f":{minutes:02}:{seconds:02}": minutes * 60 + seconds for minutes in range(60) for seconds in range(60)}
"""Seconds into the hour."""


class LogClock:
    """Text of a log -> seconds since 1970 UTC. An hour that the clocks go through twice is taken as the first one.

    >>> LogClock("%y%m%d %H:%M:%S", "Europe/London").at_s("990101 0:00:31")
    915148831
    """

    def __init__(self, form: str, timezone: str) -> None:
        """`form` is one of strptime, or EPOCH; raises ValueError, ZoneInfoNotFoundError for no time zone."""
        self.timezone = timezone
        """IANA name of the time zone."""
        self._form = form
        self._zone = zone(timezone)
        self._by_hour = form.endswith("%H:%M:%S")
        self._hours: dict[str, int | None] = {}
        self._quarters: dict[int, int] = {}
        self._walls: dict[int, tuple[int, int]] = {}

    def at_s(self, text: str) -> int:
        """The moment; raises ValueError for text that is none or says one that no log tells of, OverflowError too."""
        if self._form == EPOCH:
            return _told(int(float(text)))
        text = text.strip()
        hour, into_s = text[:-6], _WITHIN.get(text[-6:])
        if not self._by_hour or into_s is None:
            return self._exactly(text)
        began_s = self._hours[hour] if hour in self._hours else self._whole_hour(hour)
        return self._exactly(text) if began_s is None else began_s + into_s

    def moments(self, texts: Sequence[str]) -> list[int]:
        """`at_s` of each, most of them by looking up its hour; raises ValueError where one of them is none."""
        if self._by_hour:
            hours = self._hours
            try:
                for hour in {text[:-6] for text in texts}.difference(hours):
                    self._whole_hour(hour)
                return [hours[text[:-6]] + _WITHIN[text[-6:]] for text in texts]  # type: ignore[operator]
            except (ValueError, KeyError, TypeError):
                pass  # not written like most, or in an hour in which the clocks are put forward or back
        return list(map(self.at_s, texts))

    def hour(self, at_s: int) -> int:
        """Hour of the day in the log's time zone."""
        # clocks are put forward and back on a quarter of an hour of UTC; in St John's until 2011 at 00:01, where the
        # fourteen minutes after that count to the hour before
        quarter = at_s // 900
        hour = self._quarters.get(quarter)
        if hour is None:
            hour = datetime.fromtimestamp(at_s, self._zone).hour
            if len(self._quarters) >= MOST_QUARTERS:
                self._quarters.clear()
            self._quarters[quarter] = hour
        return hour

    def wall(self, at_s: int) -> tuple[int, int]:
        """The day, as `date.toordinal()` counts days, and the second of it, on the clock of the log's time zone."""
        quarter, into_s = divmod(at_s, 900)
        found = self._walls.get(quarter)
        if found is None:
            began = datetime.fromtimestamp(quarter * 900, self._zone)
            if len(self._walls) >= MOST_QUARTERS:
                self._walls.clear()
            found = self._walls[quarter] = began.toordinal(), began.hour * 3600 + began.minute * 60 + began.second
        return found[0], found[1] + into_s

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
        moment = datetime.strptime(text, self._form)
        return _told(int((moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).timestamp()))


def _told(at_s: int) -> int:
    if not 0 <= at_s < LATEST_S:
        raise ValueError("no log tells of that moment")
    return at_s
