"""When calls stop asking a store that answers late, and when they may ask again. Pure: the clock is passed in.

closed ---- LATE_MIN late in WINDOW_S, over at least SPREAD_S, and no fewer than came in time ----> open
open ------ its pause is over ----> half-open: one probe is under way, and no call with it
half-open - the probe came in time ----> closed
half-open - it did not ----> open, for a longer pause
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half-open"]
"""`closed`: calls ask. `open`: they are told at once. `half-open`: told at once, while one probe is under way."""

LATE_MIN = 5
"""So many late answers open it: fewer happen on any busy machine, and cost those calls 20 ms each."""

WINDOW_S = 1.0
"""The time in which they count together."""

SPREAD_S = 0.25
"""And over so long: one pause of a busy machine makes all look-ups of that moment late, and is over by itself."""

PAUSE_FIRST_S, PAUSE_MAX_S = 0.1, 1.0
"""Before the first probe, doubled up to the second after each that failed."""

STEADY_S = 5.0
"""A breaker that was closed for so long begins with the first pause again; one that opens sooner goes on doubling."""


class Breaker:
    """Counts late answers, and says when to probe. A breaker is open until its first probe."""

    def __init__(self, vary: Callable[[float], float]) -> None:
        """`vary` makes a pause a little different each time, so that daemons do not probe in step."""
        self.state: State = "open"
        """What calls and probes may do now."""
        self.opened = 0
        """How often late answers opened it."""
        self._vary = vary
        self._pause_s = PAUSE_FIRST_S
        self._closed_at_s = 0.0
        self._late = 0  # in the window
        self._window_s = 0.0  # when it began
        self._in_time_before = 0  # the window

    def late(self, now_s: float, in_time: int) -> bool:
        """An answer did not come in time; `in_time` counts those that did, ever. Whether this opened the breaker."""
        if self.state != "closed":
            return False  # asked before it opened
        if not self._late or now_s - self._window_s > WINDOW_S:
            self._late, self._window_s, self._in_time_before = 0, now_s, in_time
        self._late += 1
        spread = now_s - self._window_s >= SPREAD_S
        if not spread or self._late < LATE_MIN or self._late < in_time - self._in_time_before:
            return False
        self.opened += 1
        if now_s - self._closed_at_s > STEADY_S:
            self._pause_s = PAUSE_FIRST_S
        self.state = "open"
        return True

    def pause_s(self) -> float:
        """How long to wait before the next probe; each is longer than the one before, up to the longest."""
        pause_s = self._vary(self._pause_s)
        self._pause_s = min(self._pause_s * 2, PAUSE_MAX_S)
        return pause_s

    def probe(self) -> bool:
        """Whether a probe may leave now: only from `open`, and one at a time."""
        if self.state != "open":
            return False
        self.state = "half-open"
        return True

    def probed(self, now_s: float, in_time: bool) -> None:
        """The probe has its answer, or will have none in time."""
        if self.state != "half-open":
            return  # the connection was lost meanwhile
        self.state = "closed" if in_time else "open"
        if in_time:
            self._late, self._closed_at_s = 0, now_s

    def lost(self) -> None:
        """The connection is gone, and every probe with it."""
        self.state = "open"
