"""`python -m tests.bench [--quick] [--only door,policy] [--markdown FILE]`: measure, print the tables, keep them."""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from .ground import prepared
from .machine import facts, stolen_s
from .report import Table, markdown, say

ALONE = {
    "policy": "Decisions",
    "guard_rails": "What the guard rails add to a decision",
    "shadow": "A shadow policy beside the live one",
    "numbering": "Normalising a number",
    "store": "The store of callers",
    "frozen": "Calls just after a start, and a store that freezes then",
    "line": "The live line under events",
    "lint": "Checking a policy",
    "simulation": "Simulated calls",
    "backtest": "Past calls decided again",
    "forgetting": "A caller taken out of the registry",
}
"""Measures that need no server: `bench_NAME.run()` gives rows."""

BUSY = 0.5
"""Load average from which a person is warned."""

ON_ASTERISK = ("ari", "ari_transport")
"""Measures on a real Asterisk of their own: `bench_NAME.run()` gives tables."""

SERVED = ("door", "overload", "start", "import")
"""Measures of running servers: `bench_NAME.run(ground)` gives tables."""


def main() -> None:
    """Run what was asked for and print it."""
    given = arguments()
    if os.getloadavg()[0] > BUSY:
        say(f"the machine is busy (load {os.getloadavg()[0]:.1f}): waits will be long, and ratios rough")
    machine, began, stolen = facts(), time.monotonic(), stolen_s()
    tables = []
    for name in [name for name in ALONE if name in given.only]:
        say(name)
        tables.append(Table(ALONE[name], measure(name)()))
    for name in [name for name in ON_ASTERISK if name in given.only]:
        say(name)
        tables += measure(name)()
    served = [name for name in SERVED if name in given.only]
    if served:
        tables += with_servers(served, given.quick)
    lost = (stolen_s() - stolen) / (time.monotonic() - began)
    machine["taken by the hypervisor meanwhile"] = f"{lost:.1%} of a core, which shows in the longest waits"
    tables.append(Table("Machine", [{"what": name, "is": value} for name, value in machine.items()]))
    text = f"## `make bench`{' (quick: rough figures)' if given.quick else ''}, {date.today()}\n\n"
    text += "\n".join(map(markdown, tables))
    print(text)
    if given.markdown:
        given.markdown.write_text(text)


def arguments() -> argparse.Namespace:
    """The command line."""
    known = (*ALONE, *ON_ASTERISK, *SERVED)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rough figures in under two minutes")
    parser.add_argument(
        "--only", default=known, type=lambda text: text.split(","), metavar="NAMES", help=f"some of {','.join(known)}"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables here as well")
    given = parser.parse_args()
    unknown = [name for name in given.only if name not in known]
    if unknown:
        parser.error(f"no such measure: {', '.join(unknown)}; known are {', '.join(known)}")
    return given


def measure(name: str) -> Callable[..., Any]:
    """The measure of that name."""
    run: Callable[..., Any] = importlib.import_module(f".bench_{name}", __package__).run
    return run


def with_servers(names: list[str], quick: bool) -> list[Table]:
    """Fill a Redis, run the measures that need one, and leave nothing behind."""
    for tool, package in (("cc", "gcc libc6-dev"), ("redis-server", "redis-server"), ("taskset", "util-linux")):
        if not shutil.which(tool):
            raise SystemExit(f"bench: {tool} is missing (as root: apt-get install {package})")
    with tempfile.TemporaryDirectory(prefix="router-bench-") as place:
        say("a Redis with " + ("200,000" if quick else "1,000,000") + " callers")
        with prepared(Path(place), quick) as ground:
            return [table for name in names for table in measure(name)(ground)]


if __name__ == "__main__":
    main()
