"""Calls at the port, until standard input ends or so many seconds have passed; prints what became of them as JSON."""

from __future__ import annotations

import json
import select
import statistics
import sys

from tests.daemon.steady_calls import SteadyCalls

if __name__ == "__main__":
    a_second, most_s = int(sys.argv[1]), float(sys.argv[2])
    with SteadyCalls(4573, a_second) as steady:
        select.select([sys.stdin], [], [], most_s)
    took_ms = [call.took_s * 1000 for call in steady.calls]
    degraded = sum(call.said("ROUTER_DEGRADED") == "1" for call in steady.calls)
    summary = {"fates": steady.fates(), "worst_ms": max(took_ms), "median_ms": statistics.median(took_ms)}
    print(json.dumps({**summary, "degraded": degraded}))
