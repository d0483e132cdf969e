"""A log played again comes to the same whatever the chunks, the processes and the interruptions."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from asterisk_router.admin.past.backtest import Backtest, BacktestReport
from asterisk_router.admin.past.log_file import LogFile
from asterisk_router.errors import BacktestError
from asterisk_router.policy.load import load
from asterisk_router.replay.column_map import column_map

MAP = """
[file]
header = true
[start]
columns = ["rang"]
format = "epoch"
[columns]
caller = "from"
called = "to"
outcome = "end"
call_id = "id"
"""
SPELLINGS = ("+421255501234", "00421255501234", "0255501234", "02/5550 1234", "02 5550 12 34")
"""One caller, as five trunks write them."""
AT_S = 1772442000
LINES = 400


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Calls of thirteen callers, one of them written in five ways, told when they ended and so out of order.

    Every 50th line is dirty.
    """
    dice = Random(3)
    path = tmp_path / "calls.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("rang", "from", "to", "end", "id"))
        for n in range(LINES):
            if n % 50 == 49:
                rows.writerow(("slipped",))
                continue
            if n % 20 != 1:  # else a further record of the same call
                caller = dice.choice(
                    ("anonymous", f"+1202555010{dice.randrange(10)}", "+442079460123", dice.choice(SPELLINGS))
                )
            rang = AT_S + 3600 * n - dice.randrange(9000)
            rows.writerow((rang, caller, "+42120550000", dice.choice(("answered", "missed")), n - (n % 20 == 1)))
    return path


def made(log: Path, folder: Path, chunk_bytes: int = 1000, against: str = "clinic") -> Backtest:
    folder.mkdir(exist_ok=True)
    file = LogFile(log, log.stat().st_size, "utf-8", chunk_bytes)
    columns = column_map(MAP, "map.toml")
    return Backtest(file, columns, load("shop"), load(against), "Europe/Bratislava", folder, True)


def told(report: BacktestReport) -> object:
    tally = report.tally
    return (
        report[:-1], tally.calls, tally.changed, tally.first_at_s, tally.last_at_s,
        [tally.moved(what) for what in ("class", "branch", "head_start")],
        [tally.counted(by) for by in ("class", "hour", "line")],
    )  # fmt: skip


def nobody(done: int) -> None:
    pass


def listed(test: Backtest) -> list[str]:
    return sorted(line for part in test.changes() for line in part.read_text().splitlines())


def test_chunks_and_processes_change_nothing(log: Path, tmp_path: Path) -> None:
    whole = made(log, tmp_path / "whole", 1 << 20)
    expected, changes, dirty = told(whole.run(1, nobody)), listed(whole), list(whole.dirty_lines())
    assert whole.pieces == 2 and changes
    for jobs, chunk_bytes in ((1, 700), (3, 700), (2, 5000)):
        test = made(log, tmp_path / f"{jobs}-{chunk_bytes}", chunk_bytes)
        assert test.pieces > 5
        assert told(test.run(jobs, nobody)) == expected
        assert listed(test) == changes and list(test.dirty_lines()) == dirty


def test_every_line_is_accounted_for(log: Path, tmp_path: Path) -> None:
    test = made(log, tmp_path / "folder")
    report = test.run(1, nobody)
    assert report.lines == LINES + 1
    assert report.dirty == 8 and report.dirty_kinds == {"wrong number of columns": 8}
    assert [dirty.line for dirty in test.dirty_lines()] == list(range(51, LINES + 2, 50))
    assert report.lines == 1 + report.dirty + report.further_records + report.tally.calls
    assert report.further_records > 5
    assert sum(row.changed for row in report.tally.counted("hour")) == report.tally.changed == len(listed(test))


def test_an_interrupted_run_goes_on_where_it_was(log: Path, tmp_path: Path) -> None:
    expected = told(made(log, tmp_path / "whole").run(1, nobody))
    folder, pieces = tmp_path / "folder", made(log, tmp_path / "other").pieces
    done: list[int] = []

    def broken_off(after: int) -> Callable[[int], None]:
        def tell(count: int) -> None:
            done.append(count)
            if count == after:
                raise KeyboardInterrupt

        return tell

    for after in (2, pieces // 2, pieces - 1):
        with pytest.raises(KeyboardInterrupt):
            made(log, folder).run(1, broken_off(after))
    with log.open("a") as file:
        file.write("1772442000,anonymous,,missed,\n")  # the PBX goes on writing
    test = made(log, folder)
    assert told(test.run(2, done.append)) == expected
    assert done == list(range(1, pieces + 1)), "no piece is done twice"
    (folder / "read-000000.4711").write_text("what a killed process did not finish")
    test.clear()
    assert not list(folder.iterdir())


@pytest.mark.parametrize("kind", ["read", "decided"])
@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x01"])
def test_what_is_kept_and_damaged_is_named_and_done_again_when_removed(
    log: Path, tmp_path: Path, kind: str, damage: bytes
) -> None:
    folder = tmp_path / "folder"
    expected = told(made(log, folder).run(1, nobody))
    damaged = folder / f"{kind}-000000"
    damaged.write_bytes(damage)
    with pytest.raises(BacktestError, match=f"{damaged}: what is kept there is damaged .remove that file"):
        made(log, folder).run(1, nobody)
    damaged.unlink()
    assert told(made(log, folder).run(1, nobody)) == expected


def test_what_is_kept_of_another_run_is_refused(log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    made(log, folder)
    with pytest.raises(BacktestError, match="another log, map, policy"):
        made(log, folder, against="outsourcer")
    log.write_bytes(log.read_bytes().replace(b"answered", b"missed", 1))
    with pytest.raises(BacktestError, match="another log, map, policy"):
        made(log, folder)
