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

from asterisk_router.admin.past.log_file import CHUNK
from asterisk_router.admin.past.staffing import ASSUMED
from tests.admin.cli.test_backtest import decided
from tests.admin.conftest import Run
from tests.admin.past_logs import MAP, mondays
from tests.live.redis_server import RedisServer

ROOT = Path(__file__).parents[3]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three Mondays of 200 calls, one in ten given up; and a line that is no call. The map is beside it."""
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "log.csv").write_text(mondays(3) + "\x1b[2J\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "log.csv"


COLUMNS = ("--map", "map.toml")


def test_a_plan_for_people(run: Run, log: Path) -> None:
    shown = run("staffing", log, *COLUMNS)
    assert shown.exit_code == 0, shown.output
    row = next(line for line in shown.stdout.splitlines() if line.startswith("10:00"))
    assert row.split() == ["10:00", "14/12", "-", "-", "-", "-", "-", "-"]
    assert "80 % of callers answered within 20 s" in shown.stdout and "600, of them 60 given up" in shown.stdout
    assert all(sentence[:40] in shown.stdout for sentence in ASSUMED)
    assert shown.stderr.startswith("line 602: wrong number of columns") and "\x1b" not in shown.output


def test_a_plan_for_programs(run: Run, log: Path, tmp_path: Path) -> None:
    plain = json.loads(run("staffing", log, *COLUMNS, "--json").stdout)
    assert (plain["answered"], plain["abandoned"], plain["dirty"]) == (540, 60, 1)
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
        (("--registry",), "not both"),
    ],
)
def test_what_cannot_be_understood_is_said(run: Run, log: Path, options: tuple[str, ...], said: str) -> None:
    refused = run("staffing", log, *COLUMNS, *options)
    assert refused.exit_code == 2 and said in refused.stderr


def test_a_map_that_does_not_do_is_refused_with_a_remedy(run: Run, log: Path, tmp_path: Path) -> None:
    none = run("staffing", log)
    assert none.exit_code == 2 and "--map is missing" in none.stderr and "queue-log" in none.stderr
    assert run("staffing", *COLUMNS).exit_code == 2
    (tmp_path / "map.toml").write_text(MAP.replace('"talk"', '"talked"'))
    refused = run("staffing", log, *COLUMNS)
    assert refused.exit_code == 1 and "there is no column 'talked'" in refused.stderr and "'talk'" in refused.stderr
    (tmp_path / "map.toml").write_text(MAP.replace('talk_s = "talk"', ""))
    silent = run("staffing", log, *COLUMNS)
    assert silent.exit_code == 1 and "staffing needs talk_s, which this map does not tell" in silent.stderr
    assert "name its column under [columns]" in silent.stderr


def test_only_the_calls_of_a_queue_count(run: Run, log: Path) -> None:
    head, *calls = mondays(3).splitlines()
    rows = [f"{call},{('sales', 'support')[n % 2]}" for n, call in enumerate(calls)]
    log.write_text("\n".join([f"{head},queue", *rows, ""]))
    sales = json.loads(run("staffing", log, *COLUMNS, "--queue", "sales", "--json").stdout)
    assert sales["answered"] + sales["abandoned"] == 300 == sales["skipped"]["a call of another queue"]
    nobody = run("staffing", log, *COLUMNS, "--queue", "nobody")
    assert nobody.exit_code == 1 and "not one call in the log" in nobody.stderr
    log.write_text(mondays(3))
    unknown = run("staffing", log, *COLUMNS, "--queue", "sales")
    assert unknown.exit_code == 1 and "--queue needs queue" in unknown.stderr


QUEUE_LOG = """1795425600|NONE|NONE|NONE|QUEUESTART|
1795425600|1795425600.1|sales|NONE|ENTERQUEUE||+12025550100|1
1795425610|1795425600.1|sales|anna|CONNECT|10|1795425601.2|4
1795425620|1795425620.3|sales|NONE|ENTERQUEUE||+12025550101|1
1795425650|1795425620.3|sales|NONE|ABANDON|1|1|30
1795425710|1795425600.1|sales|anna|COMPLETECALLER|10|100|1
"""


def test_a_queue_log_of_asterisk_is_read_as_it_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text(QUEUE_LOG)
    asked = ("staffing", tmp_path / "queue_log", "--map", "queue-log", "--json")
    told = json.loads(run(*asked, "--timezone", "Europe/London").stdout)
    assert (told["answered"], told["abandoned"], told["patience_s"], told["dirty"]) == (1, 1, 40, 0)
    busy = [need for need in told["needs"] if need["calls"]]
    assert [(need["weekday"], need["from"], need["handling_s"]) for need in busy] == [("mon", "09:15", 100)]
    refused = run(*asked)
    assert refused.exit_code == 1 and "hours of the day need yours" in refused.stderr and "--timezone" in refused.stderr


def test_the_calls_that_the_router_kept_itself(run: Run, redis_server: RedisServer) -> None:
    decided(redis_server.unix_url)
    place = ("--registry", "--timezone", "Europe/Bratislava", "--redis", redis_server.unix_url)
    told = json.loads(run("staffing", *place, "--json").stdout)
    assert (told["answered"], told["abandoned"]) == (1, 0)
    assert told["skipped"] == {"a call whose end the log does not tell": 2}
    (quarter,) = [need for need in told["needs"] if need["calls"]]
    assert (quarter["weekday"], quarter["from"], quarter["handling_s"]) == ("thu", "22:15", 83)
    (one,) = json.loads(run("economics", *place, "--json").stdout)["classes"]
    assert (one["class"], one["answered"], one["mean_wait_s"]) == ("complaint", 1, 12)


def test_a_person_who_watches_a_large_log_sees_how_far_it_is_read(log: Path) -> None:
    head, *calls = log.read_text().splitlines()
    log.write_text("\n".join([head, *calls[:600] * (CHUNK // 16_000), ""]))
    assert log.stat().st_size > CHUNK
    watched, terminal = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "asterisk_router.daemon.main",
        "staffing",
        str(log),
        "--map",
        str(log.with_name("map.toml")),
        "--json",
    ]
    plan, shown = log.with_suffix(".json"), b""
    able = {**os.environ, "TERM": "xterm"}  # on a dumb one nothing is drawn
    with open(plan, "wb") as to, subprocess.Popen(command, cwd=ROOT, env=able, stdout=to, stderr=terminal) as process:
        os.close(terminal)
        with suppress(OSError):  # EIO: the other end was closed
            while more := os.read(watched, 65536):
                shown += more
        assert process.wait() == 0
    os.close(watched)
    assert b"reading" in shown and json.loads(plan.read_text())["dirty"] == 0
