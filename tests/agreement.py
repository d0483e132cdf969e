"""`python -m tests.agreement`: ours against the truth of others, at length, one part after the other.

A part that disagrees or fails keeps none of the others from running; the table at the end has a verdict for each, and
the exit code is 1 unless all agree.
"""

from __future__ import annotations

import subprocess
import sys
import time

PARTS = {
    "tests.numbering.agreement": "numbers, against phonenumberslite",
    "tests.policy.agreement": "explanations, against the live decision and the plain twins",
    "tests.policy.protected_callers": "guard rails: a million protected callers, and none of them decoyed",
    "tests.replay.staffing_agreement": "staffing, against pyworkforce",
    "tests.replay.simulation_agreement": "simulated queues, against their formulas",
}
"""What is run, and what it compares."""


def main() -> int:
    """Run every part; 0 when all agree."""
    rows = []
    for module, what in PARTS.items():
        print(f"-- {what}", flush=True)
        began_s = time.monotonic()
        agrees = subprocess.run([sys.executable, "-m", module], check=False).returncode == 0
        rows.append((agrees, what, time.monotonic() - began_s))
    print()
    for agrees, what, took_s in rows:
        print(f"{'agrees' if agrees else 'DOES NOT':<10} {what:<62} {took_s:>6.0f} s")
    return 0 if all(agrees for agrees, *_ in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
