"""`acts` on a real Redis: what commands did, by whom, and whether the record is whole."""

from __future__ import annotations

import json
import os

import pytest

from asterisk_router.admin.people import roles
from asterisk_router.admin.people.roles import Person
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

ANNA = "+421255500100"
ACTS = [
    ("tag", "add", ANNA, "supplier"),
    ("tag", "remove", ANNA, "supplier"),
    ("tag", "add", "+4212555*", "supplier"),
    ("caller", "set", ANNA, "--name", "Anna Nova"),
    ("callbacks", "open", ANNA, "--queue", "sales"),
    ("callbacks", "take", ANNA),
    ("callbacks", "release", ANNA),
    ("callbacks", "close", ANNA, "--why", "by mail"),
    ("queue", "promote", ANNA, "--head-start", "8m"),
    ("queue", "withdraw", "sales:3"),
    ("reserve", "pull", "clara", "sales"),
    ("reserve", "release", "clara", "sales"),
    ("caller", "export", ANNA),
    ("caller", "forget", ANNA),
]


def as_(monkeypatch: pytest.MonkeyPatch, role: roles.Role) -> None:
    monkeypatch.setattr(roles, "present_person", lambda state_dir: Person("bob", role, "uid 1000"))


def test_every_act_is_recorded_and_no_number_with_it(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    for words in ACTS:
        run(*words, *where)
    acts = json.loads(run("acts", "list", "--json", *where).stdout)
    assert [each["act"] for each in acts if each["outcome"] == "allowed"] == [" ".join(words[:2]) for words in ACTS]
    assert {each["who"] for each in acts} == {roles.present_name()}
    record = redis_server.command("LRANGE", "ar:{acts}", 0, -1)
    assert b"Nova" not in record and b"mail" not in record and b"50100" not in record
    assert "the record is whole" in run("acts", "verify", *where).stdout
    assert f"{len(acts)} acts\n" in run("acts", "list", *where).stdout


@pytest.mark.parametrize("words", ACTS, ids=" ".join)
def test_a_viewer_changes_nothing_and_that_is_recorded(
    run: Run, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    where = ("--redis", redis_server.unix_url)
    as_(monkeypatch, "viewer")
    refused = run(*words, *where)
    assert refused.exit_code == 1 and "bob is a viewer" in refused.stderr
    (act,) = json.loads(run("acts", "list", "--json", *where).stdout)
    assert (act["act"], act["who"], act["outcome"]) == (" ".join(words[:2]), "bob", "refused")
    kept = redis_server.command("KEYS", "*")
    assert b"ar:{+" not in kept and b"call_backs" not in kept and b"ranges" not in kept


def test_a_caller_is_masked_while_known_and_a_token_afterwards(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("tag", "add", ANNA, "supplier", *where)
    (act,) = json.loads(run("acts", "list", "--json", *where).stdout)
    assert act["subject"] == "+42125550****"
    redis_server.command("DEL", "ar:{acts}:subjects")
    (act,) = json.loads(run("acts", "list", "--json", *where).stdout)
    assert act["subject"].startswith("caller ") and "2555" not in act["subject"]


def test_a_broken_record_is_named_with_exit_code_1(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    for name in ("one", "two", "three"):
        run("tag", "add", ANNA, name, *where)
    redis_server.command("LSET", "ar:{acts}", 1, "{}")
    broken = run("acts", "verify", "--json", *where)
    assert broken.exit_code == 1 and "record 2:" in broken.stderr
    assert json.loads(broken.stdout)["first_broken"]["number"] == 2
    assert "cannot be read" in run("acts", "list", *where).stdout


def test_acts_can_be_of_one_person_and_kind(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    for words in ACTS[:3]:
        run(*words, *where)
    listed = json.loads(run("acts", "list", "--act", "tag add", "-n", "1", "--json", *where).stdout)
    assert [each["number"] for each in listed] == [3]
    assert run("acts", "list", "--who", "nobody", *where).stdout.endswith("0 acts\n")


def test_acts_on_policies_wait_for_the_next_one_on_redis(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    assert run("shadow", "rollback").exit_code == 1
    assert run("people", "token", "add", "board", "--role", "viewer").exit_code == 0
    run("tag", "add", ANNA, "supplier", *where)
    acts = json.loads(run("acts", "list", "--json", *where).stdout)
    assert [(each["act"], each["outcome"]) for each in acts] == [
        ("shadow rollback", "allowed"), ("shadow rollback", "failed"),
        ("people token add", "allowed"), ("tag add", "allowed"),
    ]  # fmt: skip
    assert acts[0]["source"].startswith(f"uid {os.getuid()}")
