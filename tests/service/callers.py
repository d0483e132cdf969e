"""Calls at the port, as Asterisk makes them under the guard of the dialplan, until standard input ends or so many
seconds have passed; prints what became of them as JSON.
"""

from __future__ import annotations

import json
import select
import statistics
import sys
from collections import Counter
from itertools import pairwise

from tests.daemon.steady_calls import GUARD_S, SENTINEL, UNHEARD, Call, SteadyCalls

SLACK_S = 0.01
"""How much later than its guard a call may go on."""


def became(call: Call, stalled_s: float) -> str:
    """What the dialplan makes of a call; `stalled_s` is what this machine itself kept calls waiting."""
    if call.took_s > GUARD_S + SLACK_S + stalled_s:
        return "hung"
    if call.fault == UNHEARD:
        return "guard"
    if call.fault == "ConnectionRefusedError":
        return "refused"
    if call.fault or not call.heard.endswith(SENTINEL):
        return "cut off"
    return "decided" if call.heard.count(SENTINEL) == 1 else "answered twice"


if __name__ == "__main__":
    a_second, most_s = int(sys.argv[1]), float(sys.argv[2])
    with SteadyCalls(4573, a_second, GUARD_S) as steady:
        print(flush=True)  # they come in
        select.select([sys.stdin], [], [], most_s)
    calls = sorted(steady.calls, key=lambda call: call.began_s)
    of = [became(call, steady.stalled_s) for call in calls]
    decided = [call for call, fate in zip(calls, of, strict=True) if fate == "decided"]
    summary = {
        "fates": Counter(of),
        "worst_ms": max(call.took_s for call in calls) * 1000,
        "median_ms": statistics.median(call.took_s for call in calls) * 1000,
        "stalled_ms": steady.stalled_s * 1000,
        "longest_without_s": max((later.began_s - before.began_s for before, later in pairwise(decided)), default=0.0),
        "decided_at_the_end": "decided" in of[-a_second:],
        "degraded": sum(call.said("ROUTER_DEGRADED") == "1" for call in decided),
    }
    print(json.dumps(summary))
