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
    assert listed[0]["expires_at_s"] == listed[0]["created_at_s"] + 30 * 86400
    assert "1 tag\n" in run("tag", "list", ANNA, *where).stdout
    assert run("tag", "remove", whom, "supplier", *where).exit_code == 0
    assert run("tag", "list", *where).stdout.endswith("0 tags\n")
    assert run("tag", "remove", whom, "supplier", *where).exit_code == 1


def test_a_list_can_be_of_one_name(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("tag", "add", ANNA, "vip", *where)
    run("tag", "add", ANNA, "supplier", *where)
    assert [tag["name"] for tag in json.loads(run("tag", "list", "--name", "vip", "--json", *where).stdout)] == ["vip"]


@pytest.mark.parametrize("arguments", [(ANNA, "V I P"), ("nobody", "vip"), (ANNA, "vip", "--expires", "2020-01-01")])
def test_what_breaks_the_rules_is_refused(run: Run, redis_server: RedisServer, arguments: tuple[str, ...]) -> None:
    refused = run("tag", "add", *arguments, "--redis", redis_server.unix_url)
    assert refused.exit_code == 1
    assert run("tag", "list", "--redis", redis_server.unix_url).stdout.endswith("0 tags\n")
