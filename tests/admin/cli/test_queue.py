"""`queue` on a real Redis, against a daemon that publishes and answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_router.queues.acts import Done
from asterisk_router.queues.requests import PromoteCaller, Request, WithdrawWaiting
from tests.admin.boards import BERLIN, board, daemon
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

COMMAND = [sys.executable, "-m", "asterisk_router.daemon.main"]
ROOT = Path(__file__).parents[3]


def does(request: Request) -> Done:
    """Promotes, and refuses everything else."""
    if isinstance(request.wish, PromoteCaller):
        return Done(True, f"head start {request.wish.head_start_s} s, now first")
    return Done(False, "the caller is gone")


def test_the_line_is_shown(run: Run, redis_server: RedisServer) -> None:
    with daemon(redis_server.unix_url, [BERLIN, board("wien", [], known=False, why="not connected")], does):
        shown = run("queue", "show", "--redis", redis_server.unix_url)
        one = run("queue", "show", "sales", "--pbx", "berlin", "--redis", redis_server.unix_url)
    assert shown.exit_code == 0, shown.output
    assert "berlin, 0" in shown.stdout and "wien, unknown: not connected" in shown.stdout
    assert "2 queues" in shown.stdout and "2 callers" in shown.stdout and "lunch" not in shown.stdout
    row = next(line for line in shown.stdout.splitlines() if line.startswith("sales "))
    assert row.split() == ["sales", "1", "0", "0", "0", "1", "0", "2", "1:02", "0:20", "busy"]
    place = next(line for line in shown.stdout.splitlines() if line.endswith("1.1"))
    assert place.split() == ["sales", "1", "1:02", "5:00", "6:02", "unknown", "vip", "+42125550****", "-", "1.1"]
    assert "lunch" in one.stdout and "reception" not in one.stdout and "wien" not in one.stdout


def test_programs_get_json(run: Run, redis_server: RedisServer) -> None:
    with daemon(redis_server.unix_url, [BERLIN], does):
        (berlin,) = json.loads(run("queue", "show", "--json", "--redis", redis_server.unix_url).stdout)
    assert berlin["known"] and berlin["queues"][0]["callers"][0]["caller_class"] == "vip"
    assert berlin["queues"][0]["callers"][0]["expected_wait_s"] is None


def test_nobody_publishes(run: Run, redis_server: RedisServer) -> None:
    shown = run("queue", "show", "--redis", redis_server.unix_url)
    assert shown.exit_code == 1 and shown.stdout == "" and "--ami" in shown.stderr


def test_a_caller_is_moved_by_place_and_the_answer_shown(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    with daemon(redis_server.unix_url, [BERLIN], does) as asked:
        moved = run("queue", "promote", "sales:2", "--head-start", "8m", *where)
        by_number = run("queue", "promote", "02/5550 0100", "--head-start", "1h", "--country", "SK", "--json", *where)
    assert moved.exit_code == 0 and "1.2 in q-sales: head start 480 s, now first" in moved.stdout
    assert json.loads(by_number.stdout)["uniqueid"] == "1.1" and json.loads(by_number.stdout)["done"] is True
    assert [request.wish for request in asked] == [
        PromoteCaller("q-sales", "1.2", 480), PromoteCaller("q-sales", "1.1", 3600)
    ]  # fmt: skip


def test_a_refusal_is_exit_code_1_and_said(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    with daemon(redis_server.unix_url, [BERLIN], does) as asked:
        refused = run("queue", "withdraw", "1.1", *where)
        nobody = run("queue", "withdraw", "sales:7", *where)
        slip = run("queue", "promote", "1.1", "--head-start", "soon", *where)
    assert refused.exit_code == 1 and "the caller is gone" in refused.stderr
    assert nobody.exit_code == 1 and "queue show" in nobody.stderr
    assert slip.exit_code == 2 and "8m" in slip.stderr
    assert [request.wish for request in asked] == [WithdrawWaiting("q-sales", "1.1")]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_watching_goes_on_while_redis_is_away_and_ctrl_c_is_130(form: tuple[str, ...]) -> None:
    server = RedisServer().start()
    try:
        with daemon(server.unix_url, [BERLIN], does):
            process = subprocess.Popen(
                [*COMMAND, "queue", "show", "--watch", "--redis", server.unix_url, *form],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            assert process.stdout and process.stderr
            assert b"berlin" in process.stdout.readline()
        server.kill()
        assert b"looking again" in process.stderr.readline()
        server.start()
        while b"berlin" not in process.stdout.readline():
            pass  # the rest of the screen before; what was published survives in the server's file
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        assert process.returncode == 130 and b"Traceback" not in said
    finally:
        server.stop()
