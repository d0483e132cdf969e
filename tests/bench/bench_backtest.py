"""`python -m tests.bench.bench_backtest [LINES]`: past calls decided again, from Asterisk's Master.csv.

A year of a house that is open from 7 to 21: callers call again, one in twenty without a number, one line in ten is a
further record of a call, one in a thousand is dirty. A shipped policy decides each call, alone and against another.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from .machine import cores

LINES = 1_000_000
"""Lines of the log."""

RUNS = 3
"""Runs of which the median is told."""

JOBS = 2
"""Processes."""


def write_log(path: Path, lines: int) -> None:
    """An invented Master.csv."""
    dice = Random(1)
    began = datetime(2026, 1, 1, 7, tzinfo=timezone.utc)
    open_s = 14 * 3600
    with path.open("w", encoding="utf-8") as file:
        for n in range(lines):
            if n % 1000 == 999:
                file.write('"","slipped\n')
                continue
            if n % 10 != 1:  # else a further record of the same call
                day, second = divmod(n * 365 * open_s // lines, open_s)
                at = began + timedelta(days=day, seconds=second)
                caller = "anonymous" if n % 20 == 0 else f"00421255{dice.randrange(200_000):06}"
                uniqueid = f"{at.timestamp():.0f}.{n}"
            rang, ends = f"{at:%Y-%m-%d %H:%M:%S}", f"{at + timedelta(seconds=95):%Y-%m-%d %H:%M:%S}"
            file.write(
                f'"","{caller}","0255500{n % 30:02}","from-trunk","""{caller}"" <{caller}>","PJSIP/trunk-{n:08x}",'
                f'"PJSIP/anna-{n:08x}","Queue","sales,,,,","{rang}","{rang}","{ends}",95,90,'
                f'"{"ANSWERED" if n % 7 else "NO ANSWER"}","DOCUMENTATION","{uniqueid}",""\n'
            )


def one_run(log: Path, jobs: int, *against: str) -> tuple[float, float, float]:
    """Seconds a whole command takes, its processor time, and the most memory one process of it ever had, in MB."""
    command = [
        sys.executable, "-m", "asterisk_router.daemon.main", "backtest", str(log), "--map", "asterisk-cdr",
        "--policy", "shop", "--jobs", str(jobs), "--json", *against,
    ]  # fmt: skip
    began, used = time.perf_counter(), os.times()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    most_kb = 0
    while process.poll() is None:
        most_kb = max(most_kb, *map(peak_kb, family(process.pid)))
        time.sleep(0.05)
    took_s, now = time.perf_counter() - began, os.times()
    if process.returncode:
        raise SystemExit("bench: the backtest failed")
    cpu_s = now.children_user + now.children_system - used.children_user - used.children_system
    return took_s, cpu_s, most_kb / 1024


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *map(int, children)]


def peak_kb(pid: int) -> int:
    """The most memory a process has had; 0 when it is gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def run(lines: int = LINES) -> list[dict[str, Any]]:
    """Rows of the table: a tenth of the lines and all of them, by one policy, and all of them by two."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(cores()))
    try:
        with tempfile.TemporaryDirectory(prefix="router-bench-") as folder:
            logs = {count: Path(folder) / f"{count}.csv" for count in (lines // 10, lines)}
            for count, log in logs.items():
                write_log(log, count)
            return [
                row_of(count, logs[count], jobs, *against)
                for count, jobs, against in (
                    (lines // 10, JOBS, ()), (lines, 1, ()), (lines, JOBS, ()), (lines, JOBS, ("--against", "clinic")),
                )
            ]  # fmt: skip
    finally:
        os.sched_setaffinity(0, allowed)


def row_of(lines: int, log: Path, jobs: int, *against: str) -> dict[str, Any]:
    """One row: the median of several runs."""
    runs = [one_run(log, jobs, *against) for _ in range(RUNS)]
    seconds = median(took_s for took_s, _, _ in runs)
    return {
        "lines": f"{lines:,}",
        "policies": "2" if against else "1",
        "processes": str(jobs),
        "seconds": f"{seconds:.2f}",
        "of runs": f"{min(runs)[0]:.1f}-{max(runs)[0]:.1f}",
        "processor": f"{median(cpu_s for _, cpu_s, _ in runs):.1f} s",
        "lines a second": f"{lines / seconds:,.0f}",
        "most memory of a process": f"{max(megabytes for _, _, megabytes in runs):.0f} MB",
    }


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else LINES):
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
