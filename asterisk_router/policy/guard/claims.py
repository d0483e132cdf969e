"""Privileges enjoyed on a bare claim, counted: incidents by the hour, and who waits with more head start than others.

Pure: the moment is the call's. The daemon holds one of it over every reload of the policy; its memory is bounded, the
oldest is forgotten first. Each daemon counts the calls it answers itself; where several workers answer, each has its
part of every bound.
"""

from __future__ import annotations

from collections import deque
from typing import ClassVar, Final

from ..situation import Situation
from .privileges import TrustTable

HOUR_S: Final = 3600.0
"""The window of the rates."""

ARRIVING_S: Final = 60.0
"""How long somebody lifted counts as waiting before they stand in the queue: greetings come first."""

LONGEST_S: Final = 4 * HOUR_S
"""After so long nobody lifted waits any more."""

LINE_UNKNOWN: Final = "line unknown"
"""Why: how many wait is not known, so nobody can tell whom a claim would pass."""

SHARE_FULL: Final = "share of claims full"
"""Why: as many as may wait in the queue on a claim already."""

NUMBER_TOO_OFTEN: Final = "too often from this number"
"""Why: the number has used up its hour."""

LINE_TOO_OFTEN: Final = "too often on this line"
"""Why: the line has used up its hour."""


class Claims:
    """Asked once a privilege is a claim's; a call that asks again, as from a menu, keeps what it was granted there."""

    NONE: ClassVar[Claims]
    """Nobody has claimed anything before, and nothing is noted: for calls that only somebody imagines."""

    def __init__(self, *, limit: int = 10_000, among: int = 1) -> None:
        """`limit` is the most numbers, and the most callers of each queue, that are remembered.

        `among` so many workers every bound is divided, and rounded up: a bound of one is one for each of them.
        """
        self.refused: dict[str, int] = {}
        """Why claims were refused -> how many of them."""
        self._limit = limit
        self._among = among
        self._hours: dict[str, deque[float]] = {}
        self._lifted: dict[str, _Lifted] = {}
        self._granted: dict[str, None] = {}

    def __len__(self) -> int:
        """Numbers, lines and callers remembered."""
        return len(self._hours) + sum(len(each) for each in self._lifted.values()) + len(self._granted)

    def refuses(self, bound: str, queue: str, s: Situation, table: TrustTable) -> str:
        """Why the claim of that call to `bound` (`incident`, `head_start`) is refused; empty when granted, and noted.

        `queue` is where it would wait, by its name in Asterisk.
        """
        call = f"{bound} {queue} {s.call.uniqueid}" if s.call.uniqueid else ""
        if call and call in self._granted:
            return ""
        why = self._incident(s, table) if bound == "incident" else self._head_start(queue, s, table)
        if why:
            self.refused[why] = self.refused.get(why, 0) + 1
        elif call:
            self._granted[call] = None
            if len(self._granted) > self._limit:
                del self._granted[next(iter(self._granted))]
        return why

    def _incident(self, s: Situation, table: TrustTable) -> str:
        number = s.number.key
        of_number = self._hour(f"number {number}", table.incidents_per_number) if number else None
        of_line = self._hour(f"line {s.line.number}", table.incidents_per_line)
        if _is_full(of_number, s.at_s):
            return NUMBER_TOO_OFTEN
        if _is_full(of_line, s.at_s):
            return LINE_TOO_OFTEN
        for hour in (of_number, of_line):
            if hour is not None:
                hour.append(s.at_s)
        return ""

    def _hour(self, whose: str, most: int) -> deque[float] | None:
        """When the latest were granted; None where there is no bound."""
        hour = self._hours.pop(whose, None)
        if not most:
            return None
        most = self._part(most)
        if hour is None or hour.maxlen != most:
            hour = deque(hour or (), most)
        self._hours[whose] = hour
        if len(self._hours) > self._limit:
            del self._hours[next(iter(self._hours))]
        return hour

    def _part(self, bound: int) -> int:
        """Of a bound, what is this worker's."""
        return -(-bound // self._among)

    def _head_start(self, queue: str, s: Situation, table: TrustTable) -> str:
        waiting = s.live.waiting(queue, s.at_s) if queue else None
        if waiting is None:
            return LINE_UNKNOWN
        lifted = self._lifted.get(queue)
        if lifted is None:
            lifted = self._lifted[queue] = _Lifted()
        there, arriving = lifted.count(queue, s) if lifted else (0, 0)
        if there + arriving + 1 > max(1, self._part(table.claimed_share * (waiting + arriving + 1) // 100)):
            return SHARE_FULL
        if s.call.uniqueid:
            lifted.note(s.call.uniqueid, s.at_s, self._limit)
        return ""


class _Lifted:
    """Who was granted more head start in one queue, the latest last."""

    __slots__ = ("_arriving", "_since")

    def __init__(self) -> None:
        self._arriving: dict[str, float] = {}
        self._since: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._arriving) + len(self._since)

    def count(self, queue: str, s: Situation) -> tuple[int, int]:
        """How many of them wait, and how many are still on their way into the queue."""
        while self._arriving and not 0 <= s.at_s - next(iter(self._arriving.values())) < ARRIVING_S:
            uniqueid = next(iter(self._arriving))
            self._since[uniqueid] = self._arriving.pop(uniqueid)
        while self._since and not 0 <= s.at_s - next(iter(self._since.values())) < LONGEST_S:
            del self._since[next(iter(self._since))]
        joined = s.live.waiting_among(queue, self._arriving.keys(), s.at_s)
        there = joined + s.live.waiting_among(queue, self._since.keys(), s.at_s)
        return there, len(self._arriving) - joined

    def note(self, uniqueid: str, at_s: float, limit: int) -> None:
        """Remember one more, and forget the oldest beyond `limit`."""
        self._arriving[uniqueid] = at_s
        if len(self) > limit:
            oldest = self._since or self._arriving
            del oldest[next(iter(oldest))]


def _is_full(hour: deque[float] | None, at_s: float) -> bool:
    return hour is not None and len(hour) == hour.maxlen and 0 <= at_s - hour[0] < HOUR_S


class _Imagined(Claims):
    """Remembers nothing."""

    def refuses(self, bound: str, queue: str, s: Situation, table: TrustTable) -> str:
        """As a first claim: one that is lifted first is within any share, and so is a first incident."""
        known = bound == "incident" or (queue and s.live.waiting(queue, s.at_s) is not None)
        return "" if known else LINE_UNKNOWN


Claims.NONE = _Imagined()
