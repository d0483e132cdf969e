"""Five hundred hostile texts in files that people hand over: customers to import, logs of past calls."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.admin.cli.test_backtest import MAP as LOG_MAP
from tests.admin.conftest import Run, run
from tests.fuzz.hostile_texts import COUNT, hostile_texts
from tests.fuzz.test_hostile_text import FORMULA, RAW

__all__ = ["run"]

TEXTS = [text.decode(errors="replace").replace("\0", "") for text in hostile_texts()]
PEOPLE = ("Phone", "Company", "Kind", "Turnover", "Open")
PEOPLE_MAP = "number=Phone,name=Company,tag=Kind,value=Turnover,open_matter=Open"
GOOD_PERSON = ("+421255500100", "Jana", "customer", "10", "deal")
CALLS = ("rang", "from", "to", "end", "waited", "tags", "class")
GOOD_CALL = ("2026-03-02 10:00:00", "+421255501234", "+42120550000", "missed", "95", "", "prospect-new")


def written(heading: tuple[str, ...], good: tuple[str, ...], into: Path) -> Path:
    """A file with each text in each column of an otherwise good row."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(heading)
    rows.writerow(good)
    for text in TEXTS:
        rows.writerows((*good[:at], text, *good[at + 1 :]) for at in range(len(good)))
    into.write_bytes(out.getvalue().encode(errors="replace"))
    return into


def shown(said: str) -> None:
    """Nothing in it acts on a terminal."""
    found = RAW.search(said)
    assert not found, repr(said[max(found.start() - 80, 0) : found.end() + 80])


def sheet(file: Path, last: int = 1) -> list[list[str]]:
    """A list that was written: as wide as its heading (`last` counts its last column), printable, no formulas."""
    heading, *rows = csv.reader(io.StringIO(file.read_text()))
    for row in rows:
        assert len(row) == len(heading) - 1 + last
        for cell in row:
            shown(cell)
            assert not FORMULA.match(cell), cell
    return rows


def test_a_customers_file(run: Run, tmp_path: Path) -> None:
    file, bad = written(PEOPLE, GOOD_PERSON, tmp_path / "crm.csv"), tmp_path / "bad.csv"
    where = ("--map", PEOPLE_MAP, "--country", "SK", "--dry-run", "--redis", "unix:///no")
    told = run("caller", "import", file, "--rejected", bad, *where)
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    shown(told.stdout + told.stderr)
    plain = run("caller", "import", file, "--json", *where)
    shown(plain.stdout)
    assert json.loads(plain.stdout)["rejected"] == len(sheet(bad, len(PEOPLE))) > COUNT


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["for a person", "for a program"])
def test_a_log_of_past_calls(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    file, columns = written(CALLS, GOOD_CALL, tmp_path / "calls.csv"), tmp_path / "map.toml"
    columns.write_text(LOG_MAP)
    lists = [tmp_path / "changes.csv", tmp_path / "dirty.csv"]
    told = run(
        *("backtest", file, "--map", columns, "--policy", "shop", "--changes", lists[0], "--dirty", lists[1], *words)
    )
    assert told.exit_code == 0, told.exception
    shown(told.stdout + told.stderr)
    assert sum(len(sheet(each)) for each in lists) > COUNT


@pytest.mark.parametrize(
    ("columns", "good"),
    [
        ("queue-log", ("1795413703", "1.1", "sales", "NONE", "ENTERQUEUE", "", "+12025550100", "1")),
        ("queue-log", ("1795413710", "1.1", "sales", "PJSIP/anna", "CONNECT", "7", "1.2", "3")),
    ],
)
def test_a_queue_log(run: Run, tmp_path: Path, columns: str, good: tuple[str, ...]) -> None:
    began = "1795413703|1.1|sales|NONE|ENTERQUEUE||+12025550100|1"
    ended = "1795413790|1.1|sales|PJSIP/anna|COMPLETECALLER|7|80|1"
    lines = [began, ended]
    for text in TEXTS:
        lines += ["|".join((*good[:at], text, *good[at + 1 :])) for at in range(len(good))]
    file, dirty = tmp_path / "queue_log", tmp_path / "dirty.csv"
    file.write_bytes("\n".join(lines).encode(errors="replace"))
    told = run("backtest", file, "--map", columns, "--policy", "shop", "--timezone", "UTC", "--dirty", dirty)
    assert told.exit_code == 0, (told.exception, told.stderr)
    shown(told.stdout + told.stderr)
    sheet(dirty)
