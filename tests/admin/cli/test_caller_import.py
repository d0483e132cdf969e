"""`caller import` on a real Redis: the report, the rejections, going on after a stop."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from asterisk_router.admin.callers.caller_import import BATCH
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

ROOT = Path(__file__).parents[3]
CRM = """Phone;Mobile;Company;Kind;Turnover
02/5550 0100;+421255500101;Anna Nova;customer;5200
02/5550 0102;;Boris Toth;customer, vip;10
call me;;Nobody;customer;1
02/5550 0103;;Clara Weber;customer;a lot
"""
MAP = "number=Phone,number=Mobile,name=Company,tag=Kind,value=Turnover"


def test_an_import_stores_the_good_and_names_the_bad(run: Run, redis_server: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "crm.csv").write_text(CRM)
    where = ("--country", "SK", "--redis", redis_server.unix_url)
    bad = tmp_path / "bad.csv"
    report = run("caller", "import", tmp_path / "crm.csv", "--map", MAP, "--rejected", bad, "--json", *where)
    plain = json.loads(report.stdout)
    assert (report.exit_code, plain["saved"], plain["rejected"], plain["next_line"]) == (0, 2, 2, 6)
    assert [rejection["line"] for rejection in plain["first_rejections"]] == [4, 5]
    with open(bad, newline="") as file:
        assert [row[:2] for row in csv.reader(file)] == [
            ["line", "reason"],
            ["4", "malformed number: 'call me'"],
            ["5", "value is no whole number: 'a lot'"],
        ]
    boris = json.loads(run("caller", "show", "02/5550 0102", "--json", *where).stdout)
    assert [tag["name"] for tag in boris["tags"]] == ["customer", "vip"]
    assert json.loads(run("caller", "show", "+421255500101", "--json", *where).stdout)["name"] == "Anna Nova"


def test_a_dry_run_needs_no_store_and_says_would(run: Run, tmp_path: Path) -> None:
    report = run(
        "caller", "import", "-", "--map", MAP, "--country", "SK", "--dry-run", "--redis", "unix:///no", stdin=CRM
    )
    assert report.exit_code == 0
    assert "2 callers would be imported" in report.stdout
    assert "line 4: malformed number: 'call me'" in report.stderr


def test_a_history_outlives_an_import(run: Run, redis_server: RedisServer) -> None:
    where = ("--country", "SK", "--redis", redis_server.unix_url)
    run("caller", "set", "0255500102", "--own-agent", "eva", *where)
    run("caller", "import", "-", "--map", MAP, *where, stdin=CRM)
    assert json.loads(run("caller", "show", "0255500102", "--json", *where).stdout)["own_agent"] == "eva"


def test_an_import_of_which_nothing_came_fails(run: Run, redis_server: RedisServer) -> None:
    report = run("caller", "import", "-", "--map", "number=Company", "--redis", redis_server.unix_url, stdin=CRM)
    assert report.exit_code == 1


def test_encodings_are_read_and_wrong_names_refused(run: Run, redis_server: RedisServer) -> None:
    where = ("--country", "SK", "--redis", redis_server.unix_url)
    text = "Phone,Company\n0255500104,Kováč\n".encode("cp1250")
    mapped = ("--map", "number=Phone,name=Company")
    assert run("caller", "import", "-", *mapped, "--encoding", "cp1250", *where, stdin=text).exit_code == 0
    assert "Kováč" in run("caller", "show", "0255500104", *where).stdout
    assert run("caller", "import", "-", *mapped, "--encoding", "klingon", *where, stdin=text).exit_code == 2


def test_ctrl_c_says_where_to_go_on(redis_server: RedisServer, tmp_path: Path) -> None:
    rows = 300_000  # seconds of work, of which the first batch is enough
    (tmp_path / "many.csv").write_text("Phone\n" + "".join(f"+421{250_000_000 + row}\n" for row in range(rows)))
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "caller", "import", str(tmp_path / "many.csv")]
    command += ["--map", "number=Phone", "--redis", redis_server.unix_url]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while stored(redis_server) < BATCH:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130 and "Traceback" not in said
    next_line = int(said.rpartition("--from-line ")[2])
    assert next_line % BATCH == 2  # a whole number of batches, and the header
    assert next_line - 2 <= stored(redis_server) < rows


def test_one_ctrl_c_is_enough_while_standard_input_is_waited_for(redis_server: RedisServer) -> None:
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "caller", "import", "-", "--map", "number=Phone"]
    command += ["--redis", redis_server.unix_url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b"Phone\n+12025550100\n")
        process.stdin.flush()
        time.sleep(1.5)  # by now it has nothing to do but to wait for more lines
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert b"go on with --from-line 2" in process.stderr.read()


def stored(server: RedisServer) -> int:
    return int(server.command("DBSIZE").strip(b":\r\n"))
