"""`python -m tests.bench.bench_lint`: what it costs to check a policy, and of that what proofs and warnings cost.

The hard one has 600 rules of overlapping ranges of numbers, no tag among them, so that none can be left out of a proof
at sight, and 399 refinements that any of 20 classes can meet.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from asterisk_router.policy import load as loading
from asterisk_router.policy.lint.reach import find_unreachable
from asterisk_router.policy.lint.warnings import warnings_of

from .bench_policy import policy_of

ROUNDS = 5
"""The best of so many counts, in CPU time."""

CLASSES = 20
"""Classes of the hard policy."""


def hard_policy(folder: Path) -> str:
    """A policy of 1,000 rules that are hard to tell apart."""
    dice = Random(3)
    text = ['[policy]\nname = "hard"\n']
    text += [f'[classes.c{index}]\nbranch = "sales"\nqueue = "sales"\n' for index in range(CLASSES)]
    for n in range(600):
        least, some, more = dice.randrange(5000), dice.randrange(50), dice.randrange(50)
        when = f"{least} <= value < {least + 5} and orders in [{some}, {more}] and calls(days={n % 8 + 1}) > {n % 9}"
        text.append(f'[[classify]]\nname = "r{n}"\nwhen = "{when}"\nclass = "c{n % CLASSES}"\n')
    for n in range(399):
        text.append(f"[[treat]]\nwhen = \"choice == 'k{n}' and value >= {dice.randrange(5000)}\"\ngreeting = 'g{n}'\n")
    text.append('[[classify]]\nname = "rest"\nclass = "c0"\n')
    file = folder / "hard-1000.toml"
    file.write_text("".join(text))
    return str(file)


def best_ms(work: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        work()
        best = min(best, (time.process_time_ns() - began) / 1e6)
    return best


def row(name: str, source: str) -> dict[str, Any]:
    """One policy."""
    inspected = loading.inspect(source)
    policy, entries = inspected.policy, inspected.entries
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "asterisk_router.daemon.main", "check", source], capture_output=True, check=True
    )
    whole_ms = (time.perf_counter() - began) * 1e3
    return {
        "policy": name,
        "rules": sum(map(len, policy.rules.values())),
        "loaded, ms": round(best_ms(lambda: loading.load(source))),
        "of that proofs, ms": f"{best_ms(lambda: find_unreachable(policy.compiled, policy.rules, [])):.1f}",
        "warnings besides, ms": f"{best_ms(lambda: warnings_of(policy, entries)):.1f}",
        "the command, ms of clock": round(whole_ms),
    }


def run() -> list[dict[str, Any]]:
    """All of them."""
    with tempfile.TemporaryDirectory() as folder:
        policy_of(1000, Path(folder))
        usual = str(Path(folder) / "bench-1000.toml")
        return [row("shop", "shop"), row("usual", usual), row("hard", hard_policy(Path(folder)))]


if __name__ == "__main__":
    for each in run():
        print(each)
