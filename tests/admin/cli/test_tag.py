"""`tag` on a real Redis."""

from __future__ import annotations

import json

import pytest

from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

ANNA = "+421255500100"


@pytest.mark.parametrize("whom", [ANNA, "+4212555*", "+421255500100-+421255500149"])
def test_add_list_remove(run: Run, redis_server: RedisServer, whom: str) -> None:
    where = ("--redis", redis_server.unix_url)
    given = ("--author", "eva", "--evidence", "contract 12", "--confidence", "80", "--trust", "E2", "--expires", "30d")
    added = json.loads(run("tag", "add", whom, "supplier", *given, *where, "--json").stdout)
    listed = json.loads(run("tag", "list", ANNA, *where, "--json").stdout)
    assert listed == added == json.loads(run("tag", "list", *where, "--json").stdout)
    assert [listed[0][key] for key in ("number", "name", "author", "evidence", "confidence", "trust")] == [
        whom, "supplier", "eva", "contract 12", 80, 2,
    ]  # fmt: skip
    assert 0 <= listed[0]["created_at_s"] + 30 * 86400 - listed[0]["expires_at_s"] <= 60, "said before it was done"
    assert "1 tag\n" in run("tag", "list", ANNA, *where).stdout
    assert run("tag", "remove", whom, "supplier", *where).exit_code == 0
    assert run("tag", "list", *where).stdout.endswith("0 tags\n")
    assert run("tag", "remove", whom, "supplier", *where).exit_code == 1


@pytest.mark.parametrize("act", [("add",), ("remove",), ("approve", "--evidence", "x")])
def test_what_is_no_name_is_not_written_into_the_record_for_ever(
    run: Run, redis_server: RedisServer, act: tuple[str, ...]
) -> None:
    verb, *rest = act
    where = ("--redis", redis_server.unix_url)
    shown = run("tag", verb, ANNA, "+421255500177", *rest, *where)
    assert shown.exit_code == 1 and "is no name for a tag" in shown.stderr
    assert run("acts", "list", "--json", *where).stdout == "[]\n"


def test_a_list_can_be_of_one_name(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("tag", "add", ANNA, "vip", *where)
    run("tag", "add", ANNA, "supplier", *where)
    assert [tag["name"] for tag in json.loads(run("tag", "list", "--name", "vip", "--json", *where).stdout)] == ["vip"]


def test_damaged_records_are_named_behind_everybody_elses_tags(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    everybody = [f"+42125550{number:04}" for number in range(100, 130)]
    for number in everybody[:6:5]:
        run("tag", "add", number, "vip", *where)
    for number in everybody[12:]:
        redis_server.command("SET", f"ar:{{{number}}}", "no record")
    listed = run("tag", "list", "--json", *where)
    assert sorted(tag["number"] for tag in json.loads(listed.stdout)) == everybody[:6:5]
    assert listed.exit_code == 1 and "18 records cannot be read" in listed.stderr and "and more" in listed.stderr
    assert len(set(listed.stderr.replace(",", " ").split()) & set(everybody[12:])) == 10
    for number in everybody[13:]:
        run("caller", "forget", number, *where)
    listed = run("tag", "list", *where)
    assert f"1 record cannot be read and is left out: {everybody[12]} (" in listed.stderr


@pytest.mark.parametrize("arguments", [(ANNA, "V I P"), ("nobody", "vip"), (ANNA, "vip", "--expires", "2020-01-01")])
def test_what_breaks_the_rules_is_refused(run: Run, redis_server: RedisServer, arguments: tuple[str, ...]) -> None:
    refused = run("tag", "add", *arguments, "--redis", redis_server.unix_url)
    assert refused.exit_code == 1
    assert run("tag", "list", "--redis", redis_server.unix_url).stdout.endswith("0 tags\n")
