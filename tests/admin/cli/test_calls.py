"""`calls` on a real Redis, written to as the registry does."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.admin.waits import hour_of
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.settings import parse_address
from asterisk_router.store.call_stream import CallStream
from asterisk_router.store.open_book import open_book
from asterisk_router.wire.answer import text
from asterisk_router.wire.incoming_call import IncomingCall
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

COMMAND = [sys.executable, "-m", "asterisk_router.daemon.main"]
ROOT = Path(__file__).parents[3]

NUMBER = "+421255500100"
BEGAN = BeganCall("1.1", "1.1", 1_780_000_000.0, NUMBER, "+421255500000", "vip", "sales")
ENDED = EndedCall(
    "1.1", "1.1", 1_780_000_000.0, 1_780_000_100.0, NUMBER, "+421255500000", "in", "answered", "talked", "vip", "sales",
    agent="anna", waited_s=12.0, talked_s=83.0,
)  # fmt: skip
OPEN = BeganCall("1.2", "1.2", 1_780_000_050.0, "", "+421255500000", "unidentified", "default")
GAP = Gap(3, 1_780_000_000.0, 1_780_000_060.0, "disk full and Redis away")


def register(url: str, *records: Registered) -> None:
    """Put records into the stream."""

    async def put() -> None:
        async with await open_book(url, state_dir=Path("/nonexistent")) as book:
            stream = CallStream(book.acts, book.keys)
            assert await book.acts.send([stream.add(record) for record in records]) == [1] * len(records)

    asyncio.run(put())


def test_one_line_a_call_and_gaps_among_them(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    register(redis_server.unix_url, BEGAN, OPEN, GAP, ENDED)
    shown = run("calls", "tail", *where)
    head, open_, gap, ended = shown.stdout.splitlines()
    assert head.split() == ["Time", "Number", "Class", "Branch", "Outcome", "Agent", "Waited", "Talked"]
    assert open_.split()[2:] == ["withheld", "unidentified", "default", "begun", "-", "-", "-"]
    assert "3 records missing: disk full and Redis away" in gap
    assert ended.split()[2:] == ["+42125550****", "vip", "sales", "talked", "anna", "0:12", "1:23"]
    assert run("calls", "tail", "-n", "1", "--full", *where).stdout.splitlines()[1].split()[2] == NUMBER
    assert run("calls", "tail", "-n", "0", *where).stdout.splitlines() == [head]


def test_a_call_of_the_house_is_marked_and_no_text_commands_the_terminal(run: Run, redis_server: RedisServer) -> None:
    out = ENDED._replace(uniqueid="1.3", direction="out", agent="anna\x1b[2J\x9b2J")
    register(redis_server.unix_url, out)
    shown = run("calls", "tail", "--redis", redis_server.unix_url).stdout.splitlines()[1]
    assert "  > +42125550****  " in shown and shown.isprintable()
    plain = run("calls", "tail", "--json", "--redis", redis_server.unix_url).stdout.splitlines()[0]
    assert plain.isprintable() and json.loads(plain)["agent"] == out.agent


def test_programs_get_one_document_a_line(run: Run, redis_server: RedisServer) -> None:
    register(redis_server.unix_url, BEGAN, GAP, ENDED)
    lines = run("calls", "tail", "--json", "--redis", redis_server.unix_url).stdout.splitlines()
    gap, ended = map(json.loads, lines)
    assert gap == {"kind": "gap", **GAP._asdict()}
    assert (ended["kind"], ended["uniqueid"], ended["number"], ended["agent"]) == (
        "ended", "1.1", "+42125550****", "anna",
    )  # fmt: skip


def test_an_empty_registry_is_a_heading(run: Run, redis_server: RedisServer) -> None:
    shown = run("calls", "tail", "--redis", redis_server.unix_url)
    assert shown.exit_code == 0 and len(shown.stdout.splitlines()) == 1


def test_the_wait_promised_beside_the_wait_that_happened(run: Run, redis_server: RedisServer) -> None:
    url, now_s = redis_server.unix_url, time.time()
    in_time = ENDED._replace(began_at_s=now_s - 9000, promised_wait_s=20, waits_since_s=now_s - 8990)
    too_late = in_time._replace(uniqueid="1.2", waited_s=90.0)
    register(url, in_time, too_late, BEGAN._replace(uniqueid="1.3"), ENDED._replace(uniqueid="1.4", began_at_s=1.0))
    head, row, end = run("calls", "waits", "--redis", url).stdout.splitlines()
    assert head.split() == ["Hour", "Class", "Calls", "Answered", "Promised", "In", "time", "Mean", "Longest"]
    assert row.split()[2:] == ["vip", "2", "2", "0:20", "1", "0:51", "1:30"] and end == "1 row"
    (said,) = run("calls", "waits", "--json", "--redis", url).stdout.splitlines()
    assert json.loads(said) == {
        "hour_s": hour_of(in_time.began_at_s), "caller_class": "vip", "calls": 2, "answered": 2,
        "promised_wait_s": 20, "in_time": 1, "mean_wait_s": 51.0, "longest_wait_s": 90.0,
    }  # fmt: skip
    assert run("calls", "waits", "--hours", "1", "--redis", url).stdout.splitlines()[1:] == ["0 rows"]


def test_following_goes_on_while_redis_is_away_and_ctrl_c_is_130() -> None:
    server = RedisServer().start()
    try:
        register(server.unix_url, BEGAN)
        process = subprocess.Popen(
            [*COMMAND, "calls", "tail", "-f", "--json", "--redis", server.unix_url],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout and process.stderr
        assert json.loads(process.stdout.readline())["kind"] == "began"
        server.kill()
        assert b"looking again" in process.stderr.readline()
        server.start()
        register(server.unix_url, OPEN, ENDED)
        assert json.loads(process.stdout.readline())["kind"] == "ended"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait() == 130 and b"Traceback" not in said
    finally:
        server.stop()


DECIDED = BEGAN._replace(
    policy_version="shop-1", reason="classify vip shop.toml:9", facts="value=12000", latency_ms=1.5
)


def test_decisions_are_exported_as_json_lines_and_as_csv(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    register(redis_server.unix_url, DECIDED, GAP, ENDED, OPEN)
    lines = run("calls", "export", *where)
    first, second = map(json.loads, lines.stdout.splitlines())
    assert (first["uniqueid"], first["facts"], first["outcome"], first["number"]) == (
        "1.1", "value=12000", "answered", "+42125550****",
    )  # fmt: skip
    assert (second["uniqueid"], second["outcome"], second["number"]) == ("1.2", "", "")
    assert lines.stderr == "2 decisions; known to be missing: 3 records (gaps: 1)\n"
    table = run("calls", "export", "--csv", "--full", *where).stdout.splitlines()
    heading, row = table[0].split(","), table[1].split(",")
    assert dict(zip(heading, row, strict=True)) | {"number": NUMBER, "agent": "anna"} == dict(
        zip(heading, row, strict=True)
    )
    none = run("calls", "export", "--since", "2030-01-01", *where)
    assert (none.stdout, none.stderr) == ("", "0 decisions\n")
    assert run("calls", "export", "--csv", "--json", *where).exit_code == 2
    refused = run("calls", "export", "--since", "yesterday", *where)
    assert refused.exit_code == 1 and "is no moment" in refused.stderr


def test_what_a_real_daemon_saw_is_exported(run: Run, redis_server: RedisServer, tmp_path: Path) -> None:
    daemon = subprocess.Popen(
        [
            *COMMAND, "serve", "--policy", "shop", "--listen", "127.0.0.1:0", "--redis", redis_server.unix_url,
            "--state-dir", str(tmp_path / "s"),
        ],  # fmt: skip
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert daemon.stdout
        address = parse_address(daemon.stdout.readline().split(" on ")[1].split()[0])
        assert run("caller", "set", NUMBER, "--value", "12000", "--redis", redis_server.unix_url).exit_code == 0
        signed = IncomingCall(NUMBER, "+42120550000", attestation="B", verification="success")
        answer = ask(address, signed._replace(uniqueid="berlin-1.7", linkedid="berlin-1.6"))
        assert answer.complete
        for _ in range(600):
            rows = [
                json.loads(line)
                for line in run("calls", "export", "--redis", redis_server.unix_url).stdout.splitlines()
            ]
            if rows:
                break
            time.sleep(0.05)
    finally:
        daemon.terminate()
        daemon.communicate(timeout=60)
    (row,) = rows
    assert (row["uniqueid"], row["linkedid"]) == ("berlin-1.7", "berlin-1.6")
    assert row["policy_version"] == answer.variables["ROUTER_POLICY"]
    assert text(row["reason"]) == answer.variables["ROUTER_REASON"]  # as a channel variable may hold it
    assert "value=12000" in row["facts"].split("; ") and "trust=E2" in row["facts"].split("; ")
    assert 0 < row["latency_ms"] < 1000 and row["degraded"] is False


def test_a_store_that_is_away_is_all_that_is_said(run: Run, tmp_path: Path) -> None:
    shown = run("calls", "tail", "--redis", f"unix://{tmp_path}/no.sock")
    assert (shown.exit_code, shown.stdout) == (1, "") and "cannot connect to Redis" in shown.stderr
