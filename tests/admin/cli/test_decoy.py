"""`decoy` and `tag approve` on a real Redis: who may, who answers, and what is said when Redis is away."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from asterisk_router.callers.decoy_use import OFF_FILE
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

RIVAL = "+421255500109"
Become = Callable[[str], None]

PEOPLE = """\
[users.daemon]
person = "Ida Simko"
role = "supervisor"
[users.bin]
person = "Hugo Polak"
role = "supervisor"
[users.sys]
person = " ida simko"
role = "admin"
[users.games]
person = "Eva Nagy"
role = "admin"
[users.man]
person = "Vera Balaz"
role = "viewer"
"""


@pytest.fixture
def become(run: Run, monkeypatch: pytest.MonkeyPatch) -> Become:
    """Give the next commands as another account of the machine, as the kernel would tell it."""
    (Path(os.environ["ASTERISK_ROUTER_STATE_DIR"]) / "people.toml").write_text(PEOPLE, encoding="utf-8")

    def became(account: str) -> None:
        monkeypatch.setattr("os.getuid", lambda: pwd.getpwnam(account).pw_uid)

    return became


def test_a_tag_takes_two_people(run: Run, redis_server: RedisServer, become: Become) -> None:
    where = ("--redis", redis_server.unix_url)
    approve = ("tag", "approve", RIVAL, "competitor", "--evidence", "ticket 7", *where)
    become("daemon")
    assert run("tag", "add", RIVAL, "competitor", "--author", "somebody else", *where).exit_code == 0
    for account in ("daemon", "sys"):  # another account of hers is no second person
        become(account)
        refused = run(*approve)
        assert (refused.exit_code, "its author approved it" in refused.stderr) == (1, True)
    become("man")
    assert "takes a supervisor" in run(*approve).stderr
    become("bin")
    (approved,) = json.loads(run(*approve, "--json").stdout)
    assert [approved[key] for key in ("set_by", "approved_by", "evidence")] == ["Ida Simko", "Hugo Polak", "ticket 7"]
    assert approved["expires_at_s"] - approved["approved_at_s"] == 30 * 86_400
    assert "Hugo Polak" in run("tag", "list", RIVAL, *where).stdout
    acts = json.loads(run("acts", "list", "--json", *where).stdout)
    assert [(act["act"], act["outcome"]) for act in acts][-1] == ("tag approve", "allowed")


@pytest.mark.parametrize("expires", ["91d", "1y", "never"])
def test_an_approval_ends_after_90_days_at_most(
    run: Run, redis_server: RedisServer, become: Become, expires: str
) -> None:
    where = ("--redis", redis_server.unix_url)
    become("daemon")
    run("tag", "add", RIVAL, "competitor", *where)
    become("bin")
    approve = ("tag", "approve", RIVAL, "competitor", "--evidence", "ticket 7", *where)
    assert run(*approve, "--expires", expires).exit_code == 1
    assert run(*approve, "--expires", "90d").exit_code == 0


def test_an_imported_tag_is_approved_by_nobody(run: Run, redis_server: RedisServer, tmp_path: Path) -> None:
    where = ("--redis", redis_server.unix_url)
    (tmp_path / "list.csv").write_text("phone,tag\n+421255500109,competitor\n", encoding="utf-8")
    mapping = ("--map", "number=phone,tag=tag")
    assert run("caller", "import", tmp_path / "list.csv", *mapping, *where).exit_code == 0
    refused = run("tag", "approve", RIVAL, "competitor", "--evidence", "list", *where)
    assert (refused.exit_code, "no person set it" in refused.stderr) == (1, True)


def test_on_and_off_and_what_is_said_of_it(run: Run, redis_server: RedisServer, become: Become) -> None:
    where = ("--redis", redis_server.unix_url)
    become("games")
    status = json.loads(run("decoy", "status", "--json", *where).stdout)
    assert (status["on"], status["responsible"]) == (False, "")
    assert run("decoy", "on", *where).exit_code == 2
    assert "nobody answers for the decoy" in run("decoy", "on", "--responsible", " ", *where).stderr
    status = json.loads(run("decoy", "on", "--responsible", "Vera Balaz", "--json", *where).stdout)
    assert (status["on"], status["responsible"], status["by"]) == (True, "Vera Balaz", "Eva Nagy")
    shown = run("decoy", "status", *where).stdout
    assert "Vera Balaz" in shown and "Decoy:" in shown
    report = json.loads(run("decoy", "report", "--policy", "shop", "--json", *where).stdout)
    assert [report[key] for key in ("uses", "escapes", "share", "off_above_share", "from_uses")] == [0, 0, 0, 20, 10]
    assert "above 20 % of 10 uses" in run("decoy", "report", "--policy", "shop", "--since", "7d", *where).stdout
    assert "as the policy says" in run("decoy", "report", *where).stdout, "without one it is not known"
    unsaid = json.loads(run("decoy", "report", "--json", *where).stdout)
    assert (unsaid["off_above_share"], unsaid["from_uses"]) == (None, None)
    become("bin")
    status = json.loads(run("decoy", "off", "--why", "a complaint", "--json", *where).stdout)
    assert [status[key] for key in ("on", "by", "why", "stopped_on_this_host")] == [
        False, "Hugo Polak", "a complaint", False,
    ]  # fmt: skip


def test_only_an_admin_switches_it_on_and_no_viewer_off(run: Run, redis_server: RedisServer, become: Become) -> None:
    where = ("--redis", redis_server.unix_url)
    become("bin")
    assert "takes an admin" in run("decoy", "on", "--responsible", "Eva", *where).stderr
    become("man")
    assert "takes an agent" in run("decoy", "off", *where).stderr
    assert not (Path(os.environ["ASTERISK_ROUTER_STATE_DIR"]) / OFF_FILE).exists()


def test_off_works_on_this_host_without_redis_and_on_takes_it_back(run: Run, redis_server: RedisServer) -> None:
    stopped = Path(os.environ["ASTERISK_ROUTER_STATE_DIR"]) / OFF_FILE
    refused = run("decoy", "off", "--redis", "unix:///nonexistent/redis.sock")
    assert refused.exit_code == 1
    assert "off on this host only" in refused.stderr and "give the command again" in refused.stderr
    assert stopped.exists()
    status = json.loads(run("decoy", "status", "--json", "--redis", redis_server.unix_url).stdout)
    assert status["stopped_on_this_host"]
    assert run("decoy", "on", "--responsible", "Eva", "--redis", redis_server.unix_url).exit_code == 0
    assert not stopped.exists()
