"""`reserve` on a real Redis, against a daemon that publishes and answers."""

from __future__ import annotations

import json
from typing import cast

from asterisk_router.queues.acts import Done
from asterisk_router.queues.requests import PullReserve, ReleaseReserve, Request
from asterisk_router.queues.shared_board import SharedBoard
from tests.admin.boards import BERLIN, daemon
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer


def does(request: Request) -> Done:
    """Pulls in, and releases nobody."""
    return Done(True, "ringing eva") if isinstance(request.wish, PullReserve) else Done(False, "eva is not in sales")


def test_reserves_are_listed_pulled_and_released(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    with daemon(redis_server.unix_url, [BERLIN], does) as asked:
        listed = run("reserve", "list", *where)
        pulled = run("reserve", "pull", "eva", "sales", "--ask", "--json", *where)
        released = run("reserve", "release", "eva", "sales", *where)
        whole = run("reserve", "pull", "second line", *where)
        slip = run("reserve", "pull", "eva", "sale", *where)
    assert "eva" in listed.stdout and "1 reserve agent\n" in listed.stdout
    said = {"pbx": "berlin", "agent": "eva", "queue": "sales", "done": True, "said": "ringing eva"}
    assert json.loads(pulled.stdout) == [said]
    assert (released.exit_code, released.stdout) == (1, "") and "eva is not in sales" in released.stderr
    assert (whole.exit_code, whole.stdout) == (0, "nothing to do: everybody of second line is there already\n")
    assert slip.exit_code == 1 and "'sales'" in slip.stderr
    assert [request.wish for request in asked] == [PullReserve("eva", "sales", True), ReleaseReserve("eva", "sales")]


def test_a_whole_reserve_is_released_by_its_name(run: Run, redis_server: RedisServer) -> None:
    with daemon(redis_server.unix_url, [BERLIN], lambda request: Done(True, "eva is off sales")) as asked:
        released = run("reserve", "release", "second line", "--redis", redis_server.unix_url)
    assert released.stdout == "eva in sales of berlin: eva is off sales\n"
    assert [request.wish for request in asked] == [ReleaseReserve("eva", "sales")]


def test_who_is_to_be_asked_first_is_asked_unless_told_otherwise(run: Run, redis_server: RedisServer) -> None:
    away = {**BERLIN, "reserves": [{**row, "state": "away"} for row in BERLIN["reserves"]]}
    with daemon(redis_server.unix_url, [cast(SharedBoard, away)], does) as asked:
        for words in (("second line",), ("eva",), ("eva", "sales"), ("eva", "q-sales")):
            run("reserve", "pull", *words, "--redis", redis_server.unix_url)
        run("reserve", "pull", "second line", "--no-ask", "--redis", redis_server.unix_url)
        run("reserve", "pull", "eva", "reception", "--redis", redis_server.unix_url)
        run("reserve", "pull", "anna", "sales", "--redis", redis_server.unix_url)
        run("reserve", "pull", "anna", "sales", "--ask", "--redis", redis_server.unix_url)
    assert [request.wish for request in asked] == [
        *[PullReserve("eva", "sales", True)] * 3,
        PullReserve("eva", "q-sales", True),
        PullReserve("eva", "sales", False),
        PullReserve("eva", "reception", False),
        PullReserve("anna", "sales", False),
        PullReserve("anna", "sales", True),
    ]


def test_what_a_pbx_says_commands_no_terminal(run: Run, redis_server: RedisServer) -> None:
    for ok in (True, False):
        with daemon(redis_server.unix_url, [BERLIN], lambda request, ok=ok: Done(ok, "eva\x9b2J\x07")):  # type: ignore[misc]
            moved = run("reserve", "release", "eva", "--redis", redis_server.unix_url)
        said = moved.stdout + moved.stderr
        assert (moved.exit_code, "eva\ufffd2J" in said, said.rstrip("\n").isprintable()) == (0 if ok else 1, True, True)


def test_programs_get_json(run: Run, redis_server: RedisServer) -> None:
    with daemon(redis_server.unix_url, [BERLIN], does):
        listed = run("reserve", "list", "--json", "--redis", redis_server.unix_url)
    assert json.loads(listed.stdout)[0] == {
        "pbx": "berlin", "reserve": "second line", "agent": "eva", "queue": "sales", "state": "in", "why": "rule",
        "ask": True,
    }  # fmt: skip
