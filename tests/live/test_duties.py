"""What the daemon does in the queues of a real Asterisk, by itself and when asked."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router.daemon.duties.roster import HOLD_S, TURN_S
from asterisk_router.queues.ageing import priority_of
from asterisk_router.queues.requests import PromoteCaller, PullReserve, ReleaseReserve
from asterisk_router.store.lead import LEASE_S
from tests.live import asterisk_testbed
from tests.live.daemons_wire import Wire
from tests.live.followed import NUMBER, POLICY, asked, board, branch, calls, cli, hang_up, order, pause, until
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess
from tests.live.site import SECRET, Site, running_site
from tests.live.undisturbed import within

pytestmark = [pytest.mark.live, pytest.mark.patient]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The policy of these tests."""
    path = tmp_path_factory.mktemp("policy") / "duties.toml"
    path.write_text(POLICY)
    return str(path)


@pytest.fixture(scope="module")
def followed(request: pytest.FixtureRequest, testbed: Path, live_redis: RedisServer, policy: str) -> Iterator[Site]:
    """A plain site of these tests alone, whose daemon follows its queues."""
    with running_site("plain", testbed, live_redis.unix_url) as site:
        site.router.start(policy, "--ami", site.ami_url)
        until(lambda: board(site)["known"])
        yield site
        site.keep_log = bool(request.session.testsfailed)


@pytest.fixture
def site(followed: Site) -> Iterator[Site]:
    """The same with nobody calling before and after, and a daemon that answers."""
    hang_up(followed)
    branch(followed.router)
    yield followed
    hang_up(followed)


def members(site: Site, queue: str) -> str:
    return site.pbx.cli(f"queue show {site.queue(queue)}").partition("Callers")[0]


@pytest.mark.alone
def test_a_promoted_caller_is_seen_in_the_new_place_within_a_second(site: Site) -> None:
    pause(site)
    callers = [calls(site) for _ in range(3)]
    assert order(site) == callers
    head_starts_s = itertools.count(600, 600)

    def took_s() -> float:
        callers.insert(0, callers.pop())
        done, seconds = asked(site, PromoteCaller("sales", callers[0], next(head_starts_s)))
        assert order(site) == callers
        assert done.ok and done.said == "place 1 of sales"
        print(f"asked, moved and answered in {seconds * 1000:.0f} ms")
        return seconds

    within(1, took_s)
    done, _ = asked(site, PromoteCaller("sales", "1700000000.1", 600))
    assert not done.ok and "nobody" in done.said


def test_a_person_promotes_by_place_and_takes_out(site: Site) -> None:
    pause(site)
    first, second = calls(site), calls(site, ROUTER_NUMBER=NUMBER, ROUTER_CALL_BACK="1")
    until(lambda: [len(queue["callers"]) for queue in board(site)["queues"] if queue["queue"] == "sales"] == [2])
    promoted = cli(site, "queue", "promote", "sales:2", "--head-start", "8m", "--json")
    assert promoted.exit_code == 0, promoted.stderr
    assert order(site) == [second, first]
    taken_out = cli(site, "queue", "withdraw", second)
    assert taken_out.exit_code == 0 and "offered a call-back" in taken_out.stdout
    until(lambda: order(site) == [first])
    until(lambda: site.watcher.calls[second].reached("router-offer"))


@pytest.mark.alone
def test_who_came_in_past_our_dialplan_is_put_in_place_within_a_second(site: Site) -> None:
    pause(site)
    first = calls(site, ROUTER_HEAD_START="60")
    intruders: list[str] = []

    def took_s() -> float:
        intruders.append(calls(site, context="router-queues"))
        seconds = until(lambda: order(site) == [first, *intruders])
        print(f"put in place {seconds * 1000:.0f} ms after joining")
        return seconds

    within(1, took_s)
    row = site.watcher.waiting_in("sales")[1]
    joined = next(event for event in site.watcher.calls[intruders[0]].events if event["Event"] == "QueueCallerJoin")
    came_s = float(joined["Timestamp"])
    assert abs(int(row["Priority"]) - priority_of(0, came_s)) <= 2


def test_without_redis_nobody_leads_and_nobody_acts_and_decisions_know_the_line(
    site: Site, live_redis: RedisServer
) -> None:
    pause(site)
    first = calls(site, ROUTER_HEAD_START="60")
    live_redis.freeze()
    try:
        time.sleep(LEASE_S + HOLD_S)
        intruder = calls(site, context="router-queues")
        time.sleep(4 * TURN_S)
        assert order(site) == [intruder, first]
        assert branch(site.router) == "sales-info", "that nobody is free is in the daemon's own memory"
    finally:
        live_redis.thaw()
    until(lambda: order(site) == [first, intruder])


def test_a_reserve_agent_is_pulled_and_released_by_command(site: Site) -> None:
    done, _ = asked(site, PullReserve("boris", "support"))
    assert done.ok and "PJSIP/boris" in members(site, "support")
    again, _ = asked(site, PullReserve("PJSIP/boris", "support"))
    assert not again.ok and "already" in again.said
    until(lambda: ["boris", "in", "eva"] in rows(site))
    done, _ = asked(site, ReleaseReserve("boris", "support"))
    assert done.ok and "PJSIP/boris" not in members(site, "support")
    until(lambda: ["boris", "away", ""] in rows(site))
    nobody, _ = asked(site, PullReserve("PJSIP/boris", "no-such-queue"))
    assert not nobody.ok and "no queue" in nobody.said


def rows(site: Site) -> list[list[str]]:
    """Agent, state and who pulled them, of each reserve agent as people see them."""
    said = cli(site, "reserve", "list", "--json")
    assert said.exit_code == 0, said.stderr
    listed = json.loads(said.stdout)
    return [[row["agent"], row["state"], row["why"]] for row in listed]


def test_a_rule_pulls_a_reserve_agent_and_a_daemon_started_anew_knows_it(site: Site, policy: str) -> None:
    pause(site)
    for _ in range(4):
        calls(site)
    until(lambda: "PJSIP/anna" in members(site, "sales"))
    until(lambda: ["anna", "in", "rule"] in rows(site))
    site.router.kill()
    site.router.start(policy, "--ami", site.ami_url)
    until(lambda: ["anna", "in", "rule"] in rows(site))
    done, _ = asked(site, ReleaseReserve("anna", "sales"))
    assert done.ok and "PJSIP/anna" not in members(site, "sales")


def test_of_two_daemons_one_acts_and_the_other_takes_over(site: Site, policy: str, tmp_path: Path) -> None:
    pause(site)
    site.router.kill()
    wires = [Wire(site.pbx.ami_port) for _ in range(2)]
    daemons = [RouterProcess(free_port(), site.router.redis_url, tmp_path / str(at)) for at in range(2)]
    try:
        for daemon, wire in zip(daemons, wires, strict=True):
            daemon.folder.mkdir()
            daemon.start(policy, "--ami", f"ami://router:{SECRET}@127.0.0.1:{wire.port}/plain")
        until(lambda: board(site)["known"])
        first = calls(site)
        for _ in range(3):
            calls(site, context="router-queues")
        until(lambda: order(site)[0] == first)
        acted = [b"QueueChangePriorityCaller" in wire.sent for wire in wires]
        assert sorted(acted) == [False, True]
        daemons[acted.index(True)].kill()
        calls(site, context="router-queues")
        print(f"the other daemon acts {until(lambda: order(site)[0] == first):.1f} s after the kill")
        assert all(b"QueueChangePriorityCaller" in wire.sent for wire in wires)
    finally:
        for daemon, wire in zip(daemons, wires, strict=True):
            daemon.stop()
            with wire:
                pass
        site.router.start(policy, "--ami", site.ami_url)


def test_a_caller_of_low_class_makes_room_for_one_of_the_first(site: Site) -> None:
    pause(site, "support")
    low = calls(site, "+42120550002", "router-in", ROUTER_WAITS_SINCE=str(int(time.time()) - 3600))
    other = calls(site, "support")
    assert order(site, "support") == [low, other]
    first = calls(site, "+42120550001", "router-in")
    until(lambda: order(site, "support") == [first, other], 5)
    until(lambda: site.watcher.calls[low].reached("router-offer"))
    until(lambda: "vip" in {caller["caller_class"] for queue in board(site)["queues"] for caller in queue["callers"]})


def test_a_conversation_is_ended_for_one_of_the_first_where_the_policy_says_so(site: Site) -> None:
    with site.staffed("talks-one", queues=("support",)):
        talker = calls(site, "+42120550003", "router-in")
        until(lambda: "AgentConnect" in events(site, talker))
        first = calls(site, "+42120550001", "router-in", number="+42125550102")
        until(lambda: site.watcher.calls[talker].reached("router-put-aside"))
        until(lambda: "AgentConnect" in events(site, first))
        until(lambda: order(site, "support") == [talker])


def events(site: Site, uniqueid: str) -> set[str]:
    """What Asterisk has said about that caller."""
    return {event["Event"] for event in site.watcher.calls[uniqueid].events}


def test_a_reserve_agent_who_is_asked_is_in_when_they_accept(site: Site) -> None:
    eva = "Local/accepts-eva@test-agent/n"
    done, _ = asked(site, PullReserve(eva, "support", ask=True))
    assert done.ok and "telephone rings" in done.said and eva not in members(site, "support")
    until(lambda: eva in members(site, "support"))
    assert asked(site, ReleaseReserve(eva, "support"))[0].ok and eva not in members(site, "support")


def test_a_rule_asks_a_reserve_agent_who_accepts_and_takes_the_calls(site: Site) -> None:
    eva = "Local/accepts-eva@test-agent/n"
    pause(site, "complaint")
    first = calls(site, "complaint", ROUTER_HEAD_START="60")
    time.sleep(4 * TURN_S)
    assert eva not in members(site, "complaint") and not rung_for_help(site)
    calls(site, "complaint")
    until(lambda: eva in members(site, "complaint"))
    assert rung_for_help(site) == 1, "asked once"
    until(lambda: ["eva", "in", "rule"] in rows(site))
    until(lambda: "AgentConnect" in events(site, first))
    assert asked(site, ReleaseReserve("eva", "complaint"))[0].ok and eva not in members(site, "complaint")


def rung_for_help(site: Site) -> int:
    """How many telephones were rung and asked to help out in a queue."""
    return sum(call.reached("router-reserve") for call in site.watcher.calls.values())


@pytest.fixture
def oldest(policy: str) -> Iterator[Site]:
    """The oldest Asterisk that is served, followed by a daemon and with a Redis of its own."""
    redis = RedisServer().start()
    try:
        with running_site("plain", asterisk_testbed.testbed(asterisk_testbed.OLDEST), redis.unix_url) as site:
            site.router.start(policy, "--ami", site.ami_url)
            until(lambda: board(site)["known"])
            yield site
    finally:
        redis.stop()


def test_an_asterisk_that_cannot_move_callers_keeps_the_order_of_the_entrance(oldest: Site) -> None:
    pause(oldest)
    first, second = calls(oldest, ROUTER_HEAD_START="60"), calls(oldest, ROUTER_NUMBER=NUMBER, ROUTER_CALL_BACK="1")
    ranks = [row["Priority"] for row in oldest.watcher.waiting_in("sales")]
    done, _ = asked(oldest, PromoteCaller("sales", second, 600))
    assert not done.ok and "18.20" in done.said
    assert order(oldest) == [first, second]
    assert [row["Priority"] for row in oldest.watcher.waiting_in("sales")] == ranks, "the number is put back"
    intruder = calls(oldest, context="router-queues")
    third = calls(oldest, ROUTER_HEAD_START="30")
    assert order(oldest) == [intruder, first, third, second], "by the numbers at the entrance, and nobody is moved"
    boris, _ = asked(oldest, PullReserve("boris", "support"))
    assert boris.ok, "the other duties are done"
    taken_out = cli(oldest, "queue", "withdraw", second)
    assert taken_out.exit_code == 0
    until(lambda: order(oldest) == [intruder, first, third])
