"""Logs of past calls for tests: four Mondays of one queue, and how they are read."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.admin.past.log_file import LogFile, load_column_map
from asterisk_router.admin.past.log_reader import PastLog, wall_zone
from asterisk_router.replay.column_map import column_map

JANUARY = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-january-1999.tsv"
"""A real log, which does not come with the product."""

MAP = """
[file]
header = true
[start]
columns = ["start"]
[columns]
caller = { text = "" }
talk_s = "talk"
wait_s = "wait"
outcome = { column = "end", words = { ANSWERED = "answered", ABANDON = "missed" } }
queue = { column = "queue", optional = true }
[[ignore]]
column = "end"
is = ["GHOST"]
why = "a virtual call"
"""


def mondays(weeks: int) -> str:
    """Mondays, 10 to 11 h: 50 calls a quarter hour of 3 minutes; one in ten gives up after half a minute."""
    lines = ["start,talk,wait,end"]
    for week in range(weeks):
        for call in range(200):
            talked = "0,30,ABANDON" if call % 10 == 0 else "180,10,ANSWERED"
            lines.append(f"2026-11-{2 + 7 * week:02} 10:{call * 60 // 200:02}:00,{talked}")
    return "\n".join([*lines, ""])


def opened(
    folder: Path, text: str, columns: str = MAP, queues: tuple[str, ...] = (), chunk_bytes: int = 1 << 20
) -> PastLog:
    """A log of that text."""
    path = folder / "calls.csv"
    path.write_text(text, encoding="utf-8")
    read = column_map(columns, "map.toml")
    return PastLog(LogFile(path, path.stat().st_size, "utf-8", chunk_bytes), read, wall_zone(read, ""), queues)


def january(*queues: str) -> PastLog:
    """The month of a bank, by the shipped map."""
    columns = load_column_map("anonymous-bank")
    return PastLog(LogFile(JANUARY, JANUARY.stat().st_size, "utf-8"), columns, columns.timezone, queues)
