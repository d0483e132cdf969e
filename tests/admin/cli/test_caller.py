"""`caller` on a real Redis."""

from __future__ import annotations

import json
from pathlib import Path

from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

ANNA = "+421255500100"


def test_set_then_show(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url, "--country", "SK")
    assert run("caller", "set", "02/5550 0100", "--name", "Anna", "--value", "5200", *where).exit_code == 0
    more = run("caller", "set", ANNA, "--number", "02/5550 0101", "--open-matter", "deal", *where, "--json")
    shown = run("caller", "show", "0255500101", *where, "--json")
    assert json.loads(shown.stdout) == json.loads(more.stdout)
    stored = json.loads(shown.stdout)
    assert stored["numbers"] == [ANNA, "+421255500101"]
    assert (stored["name"], stored["value"], stored["open_matters"]) == ("Anna", 5200, ["deal"])
    assert stored["history"]["calls"] == 0


def test_a_table_names_what_is_known(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("caller", "set", ANNA, "--name", "Anna", *where)
    run("tag", "add", ANNA, "vip", "--evidence", "ticket 7", *where)
    shown = run("caller", "show", ANNA, *where).stdout
    assert "Anna" in shown and "vip" in shown and "ticket 7" in shown and "1 tag\n" in shown


def test_nobody_is_exit_code_1(run: Run, redis_server: RedisServer) -> None:
    shown = run("caller", "show", ANNA, "--redis", redis_server.unix_url)
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert ANNA in shown.stderr


def test_a_forgotten_caller_is_gone_under_every_number(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url, "--country", "SK")
    run("caller", "set", ANNA, "--name", "Anna", "--number", "+421255500101", *where)
    forgotten = run("caller", "forget", "02/5550 0101", "--json", *where)
    erased = json.loads(forgotten.stdout)
    assert (erased["forgotten"], erased["numbers"], erased["caller"]) == ("+421255500101", 2, True)
    assert (erased["calls"], erased["call_backs"], erased["journal"], erased["files"]) == (0, 0, 0, "")
    assert run("caller", "show", ANNA, *where).exit_code == 1
    again = run("caller", "forget", ANNA, *where)
    assert (again.exit_code, again.stdout) == (1, "") and ANNA in again.stderr


def test_the_call_backs_of_who_is_forgotten_go_too_and_that_is_said(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("caller", "set", ANNA, "--name", "Anna", "--number", "+421255500101", *where)
    for note in ("first", "second"):
        run("callbacks", "open", ANNA, "--queue", "sales", "--note", note, *where)
        if note == "first":
            run("callbacks", "close", ANNA, "--why", "wrote", *where)
    forgotten = run("caller", "forget", "+421255500101", *where)
    assert "is forgotten\n" in forgotten.stdout and "Call-backs:       2" in forgotten.stdout
    kept = {key for key in redis_server.command("KEYS", "*").split(b"\r\n") if key.startswith(b"ar:")}
    assert kept == {b"ar:{acts}", b"ar:{calls}:forgotten", b"ar:{calls}:key"}
    run("callbacks", "open", ANNA, "--queue", "sales", *where)
    without_record = run("caller", "forget", ANNA, *where)
    assert (without_record.exit_code, "Call-backs:       1" in without_record.stdout) == (0, True)


def test_an_unreadable_record_names_its_remedy_and_that_works(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    redis_server.command("SET", f"ar:{{{ANNA}}}", "no record")
    shown = run("caller", "show", ANNA, *where)
    assert shown.exit_code == 1 and "asterisk-router caller forget" in shown.stderr
    assert run("caller", "forget", ANNA, *where).stdout.startswith(f"{ANNA} is forgotten\n")
    assert "nobody is known" in run("caller", "show", ANNA, *where).stderr


def test_redis_that_is_away_is_said(run: Run, tmp_path: Path) -> None:
    shown = run("caller", "show", ANNA, "--redis", f"unix://{tmp_path}/no.sock")
    assert shown.exit_code == 1
    assert "no.sock" in shown.stderr


def test_the_embedded_store_keeps_what_was_set(run: Run) -> None:
    assert run("caller", "set", ANNA, "--name", "Anna").exit_code == 0
    assert "Anna" in run("caller", "show", ANNA).stdout


def test_without_redis_and_without_daemon_nothing_is_pretended(run: Run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PATH", "/nonexistent")
    refused = run("caller", "set", ANNA, "--name", "Anna")
    assert refused.exit_code == 1
    assert "redis-server" in refused.stderr and refused.stdout == ""
