"""Break everything the router stands on, one thing after another, under calls through a real Asterisk.

Prints one table: a fault a row, what became of its calls, how long they stood and how long they might. Exit code 1 when
a call was lost, hung beyond its bound or sent where the policy does not send it; 2 when the rig could not be put up;
130 when it was stopped, with the table so far.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tests.bench.machine import crowded_s, facts, stolen_s
from tests.bench.report import Table, markdown
from tests.faults.catalogue import FAULTS
from tests.faults.rig import Pace, Row, run
from tests.faults.stand import standing
from tests.live import asterisk_testbed

COUNTED = "{done:,} "
"""In what a fault is: how often it was done, which a run tells."""

BUSY = 0.5
"""Load average from which a person is warned."""


MEANING = """What the router stands on is broken, one thing after another, while calls come in by a trunk of a real
Asterisk 22.10 with the templates of this repository. What became of each call is read from Asterisk: the branches it
entered, the variables it had, and from Asterisk's log how long it stood in the step that asks the router. Half of the
callers are on record. This page is written by `make faults`; `tests/faults` is the rig, an entry for each fault.

- **lost**: entered no branch, or the trunk had no answer.
- **beyond the bound**: stood longer than the bound of the row, at any time: before the fault, during it, after it. The
  bound is 50 ms with one thing broken; 310 ms where the guard of the dialplan (300 ms) is all that ends the wait: the
  daemon or its ARI is frozen, or the daemon starts and a call waits for it.
- **a core was held**: stood longer than the bound, but not without the time in which a core of this machine was not its
  own. On each core a witness that is to wake every millisecond, before everybody else (SCHED_FIFO), notes when it was
  not: the hypervisor had given the core to others. **longest** counts that time in.
- **sent wrong**: had an answer that knows its caller and is not what the policy owes them. (Not asked where the
  callers' records themselves are damaged or gone.)
- **until the guard**: stood until the guard ended their wait. Where it is better to be away the first few may, and of
  those placed while it is broken a few in ten, for some must show that it still is.
- **default branch**, **degraded**: went on without an answer; had one that knows nothing of the caller.
- **as ever after**: from the mending of the fault until the last call that was neither.
"""


def main() -> int:
    """Run what was asked for, print it, and say by the exit code whether everything was kept."""
    given = arguments()
    faults = [fault for fault in FAULTS if fault.name in (given.names or [each.name for each in FAULTS])]
    if os.getloadavg()[0] > BUSY:
        print(f"the machine is busy (load {os.getloadavg()[0]:.1f}): calls stand longer", file=sys.stderr)
    machine, began, stolen, crowded, rows = facts(), time.monotonic(), stolen_s(), crowded_s(), []
    with progress(len(faults), bar=not given.json) as came_to:
        try:
            with standing(asterisk_testbed.testbed()) as stand:
                for row in run(stand, faults, Pace(given.rate, given.seconds / 3)):
                    rows.append(row)
                    came_to(len(rows), row)
        except KeyboardInterrupt:
            print("stopped: this is what there is so far", file=sys.stderr)
        except RuntimeError as failed:
            print(f"faults: {failed}", file=sys.stderr)
            return 2
    took_s = time.monotonic() - began
    machine["taken by the hypervisor meanwhile"] = f"{(stolen_s() - stolen) / took_s:.1%} of a core"
    machine["somebody waited for a core"] = f"{(crowded_s() - crowded) / took_s:.0%} of the time"
    if given.json:
        print(json.dumps([{**row._asdict(), "kept": row.kept} for row in rows], indent=2))
    else:
        print(document(rows, machine, given, took_s))
    if given.markdown and len(rows) == len(faults):
        given.markdown.write_text(document(rows, machine, given, took_s))
    if len(rows) < len(faults):
        return 130
    return 0 if all(row.kept for row in rows) else 1


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Examples:\n"
        "  python -m tests.faults                                  all of them, at length\n"
        "  python -m tests.faults redis-killed daemon-frozen       these two\n"
        "  python -m tests.faults --seconds 6 --json               all of them, roughly, for a program\n\n"
        "Faults:\n" + "".join(f"  {fault.name:<26}{fault.what.replace(COUNTED, '')}\n" for fault in FAULTS),
    )
    names = [fault.name for fault in FAULTS]
    parser.add_argument("names", nargs="*", metavar="FAULT", help="some of those below; without any: all")
    parser.add_argument(
        "--seconds", type=float, default=60, help="of calls for each fault, which lasts the middle third of it [60]"
    )
    parser.add_argument("--rate", type=int, default=20, help="new calls a second [20]")
    parser.add_argument("--json", action="store_true", help="the rows for a program, in place of the table")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table here as well")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in names]
    if unknown:
        parser.error(f"no such fault: {', '.join(unknown)}; known are {', '.join(names)}")
    if given.seconds < 3 or given.rate < 1:
        parser.error("at least 3 seconds and one call a second")
    return given


@contextmanager
def progress(count: int, *, bar: bool) -> Iterator[Callable[[int, Row], None]]:
    """A bar on standard error while a person watches, else a line for each fault."""
    if not bar or not sys.stderr.isatty():
        yield lambda done, row: print(f"{done}/{count} {row.name}: {verdict(row)}", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("faults", total=count)
        yield lambda done, row: shown.update(task, completed=done, description=f"{row.name}: {verdict(row)}")


def verdict(row: Row) -> str:
    """In a word or a few: what was not kept, so that nobody has to wait for the table to know."""
    broken = [f"{count} {what}" for count, what in (
        (row.lost, "lost"),
        (row.hung, f"beyond {row.bound_ms:.0f} ms, the longest {row.longest_ms:.0f}"),
        (row.wrong, "sent wrong"),
        (max(0, row.guarded - row.most_guarded), f"too many of {row.guarded} until the guard"),
    ) if count]  # fmt: skip
    return "kept" if row.kept else "BROKEN: " + "; ".join([*broken, row.said] if row.said else broken)


def document(rows: list[Row], machine: dict[str, str], given: argparse.Namespace, took_s: float) -> str:
    """The table, and what a reader must know to compare it."""
    table = Table(
        "Faults",
        [
            {
                "fault": row.name,
                "what happens": row.what,
                "calls": row.calls,
                "lost": row.lost,
                "beyond the bound": row.hung,
                "a core was held": row.held,
                "sent wrong": row.wrong,
                "until the guard": row.guarded,
                "default branch": row.defaulted,
                "degraded": row.degraded,
                "median ms": f"{row.median_ms:.1f}",
                "longest ms": f"{row.longest_ms:.1f}",
                "bound ms": f"{row.bound_ms:.0f}",
                "as ever after s": f"{row.back_ms / 1000:.1f}",
                "verdict": verdict(row),
            }
            for row in rows
        ],
        f"{given.rate} calls a second for {given.seconds:g} s each, the fault in the middle third;"
        f" {took_s / 60:.0f} minutes in all.",
    )
    ground = Table("Machine", [{"what": name, "is": value} for name, value in machine.items()])
    return f"# Faults\n\n{MEANING}\n## `make faults`, {date.today()}\n\n{markdown(table)}\n{markdown(ground)}"


if __name__ == "__main__":
    sys.exit(main())
