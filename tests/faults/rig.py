"""Runs a fault under a load of calls and counts what became of them, by the dialplan's own record."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from math import inf
from typing import NamedTuple

from tests.bench.witness import Held, held_s
from tests.faults.fault import GUARDED_MS, Fault
from tests.faults.stand import KNOWN, Stand
from tests.live.ami import SeenCall
from tests.live.doors import asked_by
from tests.live.pbx import Stood
from tests.live.people import LINE
from tests.live.trunk import TrunkCall, place_calls

HELD_MS = 300
"""How long a caller stays after the call was answered."""
STEP_S = 0.05
"""Pause between two rounds of what is done while a fault lasts."""
STALL_MS = 200.0
"""What a machine shared with other work may add to a single call."""
SEEN_WITHIN_S = 5.0
"""How long the last event of a call may be on its way to us."""

NOTICING = 10
"""So many calls may stand until the guard before a fault is noticed, whatever its share: half a second of them."""

OWED = {True: {"support"}, False: {"sales", "sales-info"}}
"""Branches by the policy, of customers on record and of everybody else."""


class Pace(NamedTuple):
    """How many calls, and for how long."""

    a_second: int = 20
    """New calls each second."""
    third_s: float = 20.0
    """How long calls come in before the fault, during it, and after it."""


class Row(NamedTuple):
    """What became of the calls of one fault."""

    name: str
    """The fault's."""
    what: str
    """What was done."""
    calls: int
    """Placed by the trunk."""
    lost: int
    """Entered no branch."""
    hung: int
    """Stood longer than the bound before they went on, also without the time in which a core was held."""
    held: int
    """Stood longer than the bound, but not without that time: the hypervisor's, see `Witness`."""
    guarded: int
    """Stood until the guard of the dialplan ended their wait."""
    most_guarded: int
    """How many may."""
    defaulted: int
    """Went on without an answer."""
    degraded: int
    """Had an answer that knows nothing of the caller."""
    wrong: int
    """Had an answer that is neither, and not what the policy owes them."""
    median_ms: float
    """How long half of the calls stood, at most."""
    longest_ms: float
    """How long the one that stood longest did."""
    bound_ms: float
    """How long none may."""
    back_ms: float
    """From the mending until the last call that was not as ever; 0 when there was none."""
    said: str = ""
    """What else went wrong; empty when nothing did."""
    stalled: bool = False
    """Whether a busy machine may have made the `hung` late: by less than `STALL_MS`, and at most one call in ten."""

    @property
    def kept(self) -> bool:
        """Whether no call was lost, hung or sent wrong, and no more waited for the guard than may."""
        return not (self.lost or self.hung or self.wrong or self.said) and self.guarded <= self.most_guarded


class _Load(threading.Thread):
    """Calls of the trunk, and what the trunk says when it lost some."""

    def __init__(self, stand: Stand, calls: list[TrunkCall], pace: Pace) -> None:
        super().__init__(daemon=True)
        self.said = ""
        self._stand, self._calls, self._pace = stand, calls, pace

    def run(self) -> None:
        try:
            seconds = round(3 * self._pace.third_s) + 60
            place_calls(
                self._stand.site.pbx, self._calls, a_second=self._pace.a_second, held_ms=HELD_MS, timeout_s=seconds
            )
        except AssertionError as lost:
            self.said = str(lost).splitlines()[0]


def run(stand: Stand, faults: Sequence[Fault], pace: Pace) -> Iterator[Row]:
    """One row for each fault, in order; each begins with everything well, and the calls ask as the fault says."""
    for way, group in groupby(faults, lambda fault: fault.way):
        with asked_by(stand.site, way):
            for fault in group:
                fault.before(stand)
                try:
                    row = _run(stand, fault, pace)
                finally:
                    fault.after(stand)
                yield row


def _run(stand: Stand, fault: Fault, pace: Pace) -> Row:
    site = stand.site
    site.watcher.forget()
    log_before, began_s = site.pbx.log_size, time.time()
    calls = _callers(stand, round(3 * pace.third_s * pace.a_second))
    load = _Load(stand, calls, pace)
    load.start()
    time.sleep(pace.third_s)
    said = _break(stand, fault, pace.third_s)
    mended_s = time.time()
    load.join()
    with suppress(AssertionError):
        site.watcher.wait(lambda: len(_in_branches(stand)) >= len(calls), timeout_s=SEEN_WITHIN_S)
    said = "; ".join(filter(None, (said, load.said, _recover(stand))))
    stood = _Stood(site.pbx.asked(log_before), stand.witness.held(began_s), began_s)
    return _counted(stand, fault, len(calls), stood, mended_s, said)


def _callers(stand: Stand, count: int) -> list[TrunkCall]:
    """Every other one of them is on record."""
    strangers = (f"+42125550{stand.dice.randrange(3000, 9999)}" for _ in range(count))
    return [TrunkCall(KNOWN[at % len(KNOWN)] if at % 2 else next(strangers), LINE) for at in range(count)]


def _break(stand: Stand, fault: Fault, lasts_s: float) -> str:
    """Do it, keep it so for its time, undo it; what went wrong about it."""
    until_s = time.monotonic() + lasts_s
    stand.breaks()
    try:
        try:
            fault.does(stand)
            while time.monotonic() < until_s:
                fault.meanwhile(stand)
                time.sleep(STEP_S)
        finally:
            fault.undo(stand)
            stand.open.close()
    except (AssertionError, OSError, RuntimeError) as failed:
        return f"{type(failed).__name__}: {str(failed).splitlines()[0] if str(failed) else ''}"
    return ""


def _recover(stand: Stand) -> str:
    try:
        stand.wait_until_well()
    except (AssertionError, RuntimeError) as failed:
        stand.restart()
        stand.wait_until_well()
        return str(failed).splitlines()[0]
    return ""


def _in_branches(stand: Stand) -> list[SeenCall]:
    return [call for call in stand.site.watcher.asked() if call.branches]


class _Stood:
    """How long the calls of a row stood, and for how long of that a core was held."""

    def __init__(self, times: dict[str, Stood], held: list[Held], began_s: float) -> None:
        self._times, self._held, self._began_s = times, held, began_s

    def ms(self, call: SeenCall) -> float:
        """From the log of Asterisk; infinite where it does not tell."""
        return self._times[call.channel].ms if call.channel in self._times else inf

    def ours_ms(self, call: SeenCall) -> float:
        """Without the time in which a core was held."""
        if call.channel not in self._times:
            return inf
        stood = self._times[call.channel]
        since_s = self._began_s - 1  # the log is stamped to the millisecond
        from_s = since_s + (stood.from_s - since_s) % 86_400
        return stood.ms - held_s(self._held, from_s, from_s + stood.ms / 1000) * 1000


def _counted(stand: Stand, fault: Fault, placed: int, stood: _Stood, mended_s: float, said: str) -> Row:
    seen = _in_branches(stand)
    waits = sorted(stood.ms(call) for call in seen) or [inf]
    defaulted = [call for call in seen if not call.answers]
    degraded = [call for call in seen if call.answers and call.variables["ROUTER_DEGRADED"] == "1"]
    usual = [call for call in seen if call.answers and call.variables["ROUTER_DEGRADED"] != "1"]
    unusual_s = [call.steps[0].at_s for call in (*defaulted, *degraded)]
    over = [call for call in seen if stood.ms(call) > fault.bound_ms]
    hung = sum(stood.ours_ms(call) > fault.bound_ms for call in over)
    return Row(
        fault.name,
        fault.what.format(done=stand.done),
        placed,
        placed - len(seen),
        hung,
        len(over) - hung,
        sum(wait > GUARDED_MS for wait in waits),
        NOTICING + round(fault.most_guarded * placed / 3),
        len(defaulted),
        len(degraded),
        0 if fault.forgets else sum(not _as_owed(call) for call in usual),
        waits[len(waits) // 2],
        waits[-1],
        fault.bound_ms,
        max(0.0, max(unusual_s, default=0.0) - mended_s) * 1000,
        said,
        hung <= placed / 10 and waits[-1] <= fault.bound_ms + STALL_MS,
    )


def _as_owed(call: SeenCall) -> bool:
    return len(call.branches) == 1 and call.branches[0] in OWED[call.caller_number in KNOWN]
