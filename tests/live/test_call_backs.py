"""Missed calls become call-backs on a real Asterisk: the agent's telephone rings first, then the caller's, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.store.redis_keys import RedisKeys
from tests.live.asterisk_testbed import OLDEST, REFERENCE, testbed
from tests.live.followed import board, cli, until
from tests.live.phone import telephone
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess
from tests.live.site import Site, running_site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live

CALLER, MOBILE = "+42125550101", "+42125550102"
"""Two numbers of one person."""

SOMEBODY, LATER = "+42125550103", "+42125550104"
"""Others who call."""

ANNA = "PJSIP/anna"
"""The only agent."""

ATTEMPTS, PAUSE_S = 3, 2

POLICY = f"""
[policy]
name = "call-backs"
[numbering]
country = "SK"
[schedules.always]
timezone = "UTC"
open = ["always"]
[call_backs]
open = "always"
dial = true
attempts = {ATTEMPTS}
pause = "{PAUSE_S}s"
[agents.anna]
name = "Anna"
desk = "PJSIP/anna"
[classes]
default = {{ branch = "incident", queue = "sales" }}
[[classify]]
name = "everybody"
class = "default"
"""


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """A store of these tests alone."""
    server = RedisServer().start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The policy of these tests."""
    path = tmp_path_factory.mktemp("policy") / "call-backs.toml"
    path.write_text(POLICY)
    return str(path)


@pytest.fixture(scope="module", params=[REFERENCE])
def staffed(request: pytest.FixtureRequest, redis: RedisServer) -> Iterator[Site]:
    """A plain site whose one agent in sales is Anna, on the Asterisk of that suite."""
    with running_site("plain", testbed(request.param), redis.unix_url) as site:
        site.pbx.cli("queue remove member Local/ring@test-agent from sales")
        site.pbx.cli(f"queue add member {ANNA} to sales")
        yield site
        site.keep_log = bool(request.session.testsfailed)


@pytest.fixture
def site(staffed: Site, redis: RedisServer, policy: str) -> Iterator[Site]:
    """The same with nobody on the telephone and nobody to call back."""
    hang_up(staffed)
    redis.command("FLUSHALL")
    start(staffed, staffed.router, policy)
    until(lambda: board(staffed)["known"])
    yield staffed
    staffed.router.stop()
    hang_up(staffed)


def start(site: Site, router: RouterProcess, policy: str) -> None:
    """Start a daemon that follows the queues and takes in what the dialplan reports."""
    router.start(policy, "--ami", site.ami_url, "--spool-dir", str(site.spool))


def hang_up(site: Site) -> None:
    """Everybody hangs up."""
    site.hang_up()
    site.watcher.forget()


def owed(site: Site) -> list[dict[str, Any]]:
    """Open call-backs, as people see them."""
    rows: list[dict[str, Any]] = json.loads(cli(site, "callbacks", "list", "--json").stdout)
    return rows


def nobody_is_owed(redis: RedisServer) -> bool:
    """Whether no call-back is open."""
    return redis.command("HLEN", RedisKeys().call_backs) == b":0\r\n"


def dialled(site: Site, telephone: str) -> list[tuple[float, str]]:
    """When that telephone was rung, by Asterisk's clock, and as what: the numbers called, over the trunk."""
    begun = [e for call in list(site.watcher.calls.values()) for e in call.events if e["Event"] == "DialBegin"]
    return sorted(
        (float(e["Timestamp"]), e["DialString"].partition("/")[0].partition("@")[0])
        for e in begun
        if e["DestChannel"].startswith(f"PJSIP/{telephone}-")
    )


def at_work(site: Site, *, yes: bool) -> None:
    """Whether Anna takes calls."""
    site.pbx.cli(f"queue {'unpause' if yes else 'pause'} member {ANNA} queue sales")


def missed(site: Site, *numbers: str) -> list[dict[str, Any]]:
    """Somebody calls from each of those numbers while nobody is at work; what is owed then."""
    at_work(site, yes=False)
    place_calls(site.pbx, [TrunkCall(number) for number in numbers], held_ms=800)
    until(lambda: {number for entry in owed(site) for number in entry["numbers"]} >= set(numbers))
    return owed(site)


def taken_up(site: Site) -> list[dict[str, str]]:
    """What Asterisk said of each call as an agent took it up, in order."""
    taken = [e for call in list(site.watcher.calls.values()) for e in call.events if e["Event"] == "AgentConnect"]
    return sorted(taken, key=lambda event: float(event["Timestamp"]))


def served(site: Site) -> list[str]:
    """The numbers of those an agent took up, in order."""
    return [event["CallerIDNum"] for event in taken_up(site)]


def settled(site: Site) -> list[tuple[str, str, str]]:
    """Settled call-backs: whose, why, by whom."""
    rows = json.loads(cli(site, "callbacks", "list", "--closed", "--json").stdout)
    return [(row["person"], row["why"], row["by"]) for row in rows]


@pytest.mark.parametrize("staffed", [REFERENCE, OLDEST], indirect=True)
def test_who_gave_up_waiting_is_called_back_by_an_agent_and_then_no_more(site: Site, redis: RedisServer) -> None:
    (entry,) = missed(site, CALLER)
    assert (entry["missed"], entry["reason"], entry["queue"], entry["attempts"]) == (1, "missed", "sales", 0)
    with telephone(site.pbx.desk_port, "answers"), telephone(site.pbx.mobile_port, "answers_briefly"):
        at_work(site, yes=True)
        until(lambda: nobody_is_owed(redis))
    ((anna_s, _),), ((caller_s, number),) = dialled(site, "anna"), dialled(site, "trunk")
    assert anna_s < caller_s and number == CALLER
    assert settled(site) == [(CALLER, "called back", "anna")]


def test_who_does_not_answer_is_tried_again_later_and_not_for_ever(site: Site, redis: RedisServer) -> None:
    missed(site, CALLER)
    with telephone(site.pbx.desk_port, "answers"), telephone(site.pbx.mobile_port, "busy"):
        at_work(site, yes=True)
        until(lambda: nobody_is_owed(redis), 60)
    moments = [at_s for at_s, _ in dialled(site, "trunk")]
    assert len(moments) == ATTEMPTS
    assert all(later - sooner > PAUSE_S - 1 for sooner, later in zip(moments, moments[1:], strict=False))
    assert settled(site) == [(CALLER, "no answer", "")]


def test_two_daemons_call_everybody_once(site: Site, redis: RedisServer, policy: str, tmp_path: Path) -> None:
    owing = [f"+4212555011{n}" for n in range(3)]
    second = RouterProcess(free_port(), site.router.redis_url, tmp_path)
    start(site, second, policy)
    try:
        missed(site, *owing)
        with telephone(site.pbx.desk_port, "answers"), telephone(site.pbx.mobile_port, "answers_briefly"):
            at_work(site, yes=True)
            until(lambda: nobody_is_owed(redis), 60)
    finally:
        second.stop()
    assert sorted(number for _, number in dialled(site, "trunk")) == owing


@pytest.mark.parametrize("staffed", [REFERENCE, OLDEST], indirect=True)
def test_who_asked_by_key_is_served_before_who_came_later_and_waits_on_the_line(site: Site) -> None:
    at_work(site, yes=True)
    with telephone(site.pbx.desk_port, "answers"), telephone(site.pbx.mobile_port, "answers_briefly"):
        site.watcher.originate("Local/s@test-caller/n", "router-queue", "sales", {"CALLERID(num)": SOMEBODY})
        until(lambda: served(site) == [SOMEBODY])
        place_calls(site.pbx, [TrunkCall(CALLER, key="9")])
        site.watcher.originate("Local/s@test-caller/n", "router-queue", "sales", {"CALLERID(num)": LATER})
        until(lambda: len(site.watcher.waiting_in("sales")) == 2)
        (entry,) = owed(site)
        assert (entry["reason"], entry["attempts"]) == ("asked", 1)
        first, second = site.watcher.waiting_in("sales")
        assert "@router-call-back-agent" in first["Channel"] and second["CallerIDNum"] == LATER
        assert int(first["Priority"]) > int(second["Priority"])
        site.pbx.cli(f"channel request hangup {taken_up(site)[0]['Channel']}")
        until(lambda: served(site)[-1] == LATER)
    assert served(site) == [SOMEBODY, CALLER, LATER]
    until(lambda: settled(site) == [(CALLER, "called back", "anna")])


def test_a_conversation_by_another_number_of_the_person_closes_it(site: Site, redis: RedisServer) -> None:
    cli(site, "caller", "set", CALLER, "--number", MOBILE, "--name", "Boris")
    (entry,) = missed(site, CALLER)
    assert (entry["name"], entry["numbers"]) == ("Boris", [CALLER, MOBILE])
    cli(site, "callbacks", "take", CALLER, "--as", "eva")
    with telephone(site.pbx.desk_port, "answers"):
        at_work(site, yes=True)
        place_calls(site.pbx, [TrunkCall(MOBILE)], held_ms=2500)
        until(lambda: nobody_is_owed(redis))
    assert settled(site) == [(CALLER, "they called", "anna")]
    assert dialled(site, "trunk") == []
