"""`staffing` as people call it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from asterisk_router.admin.cli.call_log import LARGE_FILE
from asterisk_router.admin.staffing import ASSUMED
from tests.admin.conftest import Run

ROOT = Path(__file__).parents[3]
COLUMNS = ("--started", "start", "--talked", "talk", "--waited", "wait", "--outcome", "end")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three Mondays, 10 to 11 h: 200 calls of 3 minutes, one in ten given up; and a line that is no call."""
    lines = ["start,talk,wait,end"]
    for week in range(3):
        for call in range(200):
            talked = "0,30,ABANDON" if call % 10 == 0 else "180,10,ANSWERED"
            lines.append(f"2026-11-{2 + 7 * week:02} 10:{call * 60 // 200:02}:00,{talked}")
    (tmp_path / "log.csv").write_text("\n".join([*lines, "\x1b[2J", ""]))
    return tmp_path / "log.csv"


def test_a_plan_for_people(run: Run, log: Path) -> None:
    shown = run("staffing", log, *COLUMNS)
    assert shown.exit_code == 0, shown.output
    row = next(line for line in shown.stdout.splitlines() if line.startswith("10:00"))
    assert row.split() == ["10:00", "14/12", "-", "-", "-", "-", "-", "-"]
    assert "80 % of callers answered within 20 s" in shown.stdout and "600, of them 60 given up" in shown.stdout
    assert all(sentence[:40] in shown.stdout for sentence in ASSUMED)
    assert shown.stderr.startswith("line 602: not as many columns") and "\x1b" not in shown.output


def test_a_plan_for_programs(run: Run, log: Path, tmp_path: Path) -> None:
    plain = json.loads(run("staffing", log, *COLUMNS, "--json").stdout)
    assert (plain["answered"], plain["abandoned"], plain["rejected"]) == (540, 60, 1)
    assert plain["agent_hours"]["erlang_c"] == 14
    done = run("staffing", log, *COLUMNS, "--csv", tmp_path / "week.csv", "--svg", tmp_path / "week.svg", "--bars")
    assert done.exit_code == 0 and "Mon " in done.stdout and "█" in done.stdout
    rows = list(csv.DictReader(io.StringIO((tmp_path / "week.csv").read_text())))
    assert len(rows) == 672 and [row["agents_c"] for row in rows[40:44]] == ["14"] * 4
    assert rows[40].keys() == plain["needs"][0].keys()
    assert (tmp_path / "week.svg").read_text().startswith("<svg ")
    to_stdout = run("staffing", log, *COLUMNS, "--csv", "-")
    assert len(to_stdout.stdout.splitlines()) == 673 and "line 602" in to_stdout.stderr


def test_a_log_from_standard_input(run: Run, log: Path) -> None:
    plain = json.loads(run("staffing", "-", *COLUMNS, "--json", stdin=log.read_bytes()).stdout)
    assert plain["answered"] == 540


def hours(run: Run, log: Path, *options: str) -> tuple[float, float]:
    plain = json.loads(run("staffing", log, *COLUMNS, *options, "--json").stdout)
    return plain["agent_hours"]["erlang_c"], plain["agent_hours"]["erlang_a"]


def test_every_promise_changes_the_plan(run: Run, log: Path) -> None:
    usual = hours(run, log)
    assert hours(run, log, "--share", "80%", "--answer-within", "20s") == usual
    assert hours(run, log, "--share", "95%") > usual
    assert hours(run, log, "--answer-within", "2m") < usual
    assert hours(run, log, "--wrap-up", "1m") > usual
    assert hours(run, log, "--patience", "20s")[1] != usual[1] == hours(run, log, "--patience", "2m")[1]
    strict = hours(run, log, "--mean-wait", "1s")
    assert strict > usual and hours(run, log, "--mean-wait", "1s", "--share", "10%") == strict
    assert hours(run, log, "--abandon", "1%")[1] > hours(run, log, "--abandon", "20%")[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--share", "100%"), "no share below 100 %"),
        (("--share", "many"), "write 80% or 0.8"),
        (("--answer-within", "20"), "write 20s, 3m or 1m30s"),
        (("--only", "end"), "write COLUMN=WORD"),
        (("--encoding", "klingon"), "no such encoding"),
    ],
)
def test_what_cannot_be_understood_is_said(run: Run, log: Path, options: tuple[str, ...], said: str) -> None:
    refused = run("staffing", log, *COLUMNS, *options)
    assert refused.exit_code == 2 and said in refused.stderr


def test_a_wrong_column_and_a_file_of_no_call_are_refused(run: Run, log: Path) -> None:
    refused = run("staffing", log, "--started", "begin", "--talked", "talk")
    assert refused.exit_code == 1 and "no column 'begin'" in refused.stderr
    none = run("staffing", log, *COLUMNS, "--only", "end=NOTHING")
    assert none.exit_code == 1 and "not one call" in none.stderr


def test_a_person_who_watches_a_large_log_sees_how_far_it_is_read(log: Path) -> None:
    head, *calls = log.read_text().splitlines()
    log.write_text("\n".join([head, *calls[:600] * (LARGE_FILE // 20_000), ""]))
    assert log.stat().st_size > LARGE_FILE
    watched, terminal = pty.openpty()
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "staffing", str(log), *COLUMNS, "--json"]
    plan, shown = log.with_suffix(".json"), b""
    able = {**os.environ, "TERM": "xterm"}  # on a dumb one nothing is drawn
    with open(plan, "wb") as to, subprocess.Popen(command, cwd=ROOT, env=able, stdout=to, stderr=terminal) as process:
        os.close(terminal)
        with suppress(OSError):  # EIO: the other end was closed
            while more := os.read(watched, 65536):
                shown += more
        assert process.wait() == 0
    os.close(watched)
    assert b"reading" in shown and json.loads(plan.read_text())["rejected"] == 0
