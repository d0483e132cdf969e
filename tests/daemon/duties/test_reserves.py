"""Reserve agents come and go by rule and by command; who helps out is known over a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.daemon.duties import reserves
from asterisk_router.daemon.duties.reserves import ASKED_S, Reserves
from asterisk_router.errors import StoreUnavailableError
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.acts import AddMember, OriginateCall, RemoveMember
from asterisk_router.queues.events import MemberListed
from asterisk_router.queues.reserves import RULE, STAY_S, Place, Pulled
from tests.daemon.duties.driven_pbx import NOW_S, DrivenPbx

HOUSE = """
[policy]
name = "house"
[queues.sales]
asterisk = "401"
[agents.anna]
name = "Anna"
desk = "PJSIP/anna"
[agents.boris]
desk = "PJSIP/boris"
[classes]
default = { branch = "sales", queue = "sales" }
[[classify]]
name = "everybody"
class = "default"
[[reserve]]
name = "first"
queue = "sales"
agents = ["anna"]
when = "queue('sales').waiting >= 2"
[[reserve]]
name = "second"
queue = "sales"
agents = ["boris"]
ask = true
when = "queue('sales').waiting >= 3"
"""

ANNA, BORIS = Place("401", "PJSIP/anna"), Place("401", "PJSIP/boris")


class Kept:
    """What a store keeps, in memory."""

    def __init__(self) -> None:
        self.pulled: dict[Place, Pulled] = {}
        self.away = False

    async def read(self) -> list[Pulled]:
        if self.away:
            raise StoreUnavailableError("away")
        return list(self.pulled.values())

    async def add(self, pulled: Pulled) -> None:
        self.pulled[pulled.place] = pulled

    async def remove(self, place: Place) -> None:
        self.pulled.pop(place, None)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    (tmp_path / "house.toml").write_text(HOUSE)
    return load(str(tmp_path / "house.toml"))


@pytest.fixture
def pbx() -> DrivenPbx:
    return DrivenPbx("401")


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def duty(pbx: DrivenPbx, kept: Kept, policy: Policy) -> Reserves:
    return Reserves(pbx.line, pbx, kept, lambda: policy, clock=lambda: NOW_S)


def turn(pbx: DrivenPbx, duty: Reserves, at_s: float) -> None:
    """The duty's turn, while the PBX is heard."""
    pbx.line.heard(at_s)
    asyncio.run(duty.turn(at_s))


def states(duty: Reserves) -> dict[str, tuple[str, str]]:
    return {row["agent"]: (row["state"], row["why"]) for row in duty.rows()}


def press(pbx: DrivenPbx, callers: int) -> None:
    """So many wait from now on."""
    waiting = pbx.queues["401"].order
    for uniqueid in waiting[callers:]:
        pbx.leave("401", uniqueid)
    for at in range(len(waiting), callers):
        pbx.comes("401", f"c{at}")
    pbx.tell()


def test_a_rule_pulls_and_releases_after_a_time(pbx: DrivenPbx, duty: Reserves, kept: Kept) -> None:
    turn(pbx, duty, NOW_S)
    assert states(duty) == {"anna": ("away", ""), "boris": ("away", "")}
    press(pbx, 2)
    turn(pbx, duty, NOW_S + 1)
    assert pbx.acted == [AddMember("401", "PJSIP/anna", "Anna")]
    assert states(duty)["anna"] == ("in", RULE) and kept.pulled.keys() == {ANNA}
    press(pbx, 0)
    turn(pbx, duty, NOW_S + 2)
    assert states(duty)["anna"] == ("in", RULE), "nobody is sent to and fro"
    for after_s in range(3, int(STAY_S) + 2):
        turn(pbx, duty, NOW_S + after_s)
    assert pbx.acted[1:] == [RemoveMember("401", "PJSIP/anna")]
    assert states(duty)["anna"] == ("away", "") and not kept.pulled
    press(pbx, 2)
    turn(pbx, duty, NOW_S + STAY_S + 2)
    assert states(duty)["anna"][0] == "away", "nor back at once"
    turn(pbx, duty, NOW_S + 3 * STAY_S)
    assert states(duty)["anna"][0] == "in"


def test_who_is_asked_before_the_first_turn_of_a_new_leader_has_time_to_accept(pbx: DrivenPbx, duty: Reserves) -> None:
    assert asyncio.run(duty.pull("boris", "sales", True, "eva")).ok
    turn(pbx, duty, NOW_S + 0.25)
    assert states(duty)["boris"] == ("asked", "")
    turn(pbx, duty, NOW_S + ASKED_S + 1)
    assert states(duty)["boris"] == ("away", "")


def test_the_board_says_who_is_asked_first(pbx: DrivenPbx, duty: Reserves) -> None:
    turn(pbx, duty, NOW_S)
    assert {row["agent"]: row["ask"] for row in duty.rows()} == {"anna": False, "boris": True}


def test_a_daemon_started_anew_releases_whom_the_last_one_pulled(
    pbx: DrivenPbx, duty: Reserves, kept: Kept, policy: Policy
) -> None:
    press(pbx, 2)
    turn(pbx, duty, NOW_S)
    press(pbx, 0)
    another = Reserves(pbx.line, pbx, kept, lambda: policy, clock=lambda: NOW_S)
    turn(pbx, another, NOW_S + STAY_S)
    assert states(another)["anna"] == ("away", "")


def test_whom_a_person_pulled_stays_and_whom_a_person_released_is_left(pbx: DrivenPbx, duty: Reserves) -> None:
    turn(pbx, duty, NOW_S)
    assert asyncio.run(duty.pull("anna", "sales", False, "eva")) == (True, "PJSIP/anna is in 401")
    assert not asyncio.run(duty.pull("PJSIP/anna", "401", False, "eva")).ok
    for after_s in range(0, 3 * int(STAY_S)):
        turn(pbx, duty, NOW_S + after_s)
    assert states(duty)["anna"] == ("in", "eva")
    press(pbx, 2)
    assert asyncio.run(duty.release("anna", "sales")) == (True, "PJSIP/anna is off 401")
    turn(pbx, duty, NOW_S + 3 * STAY_S)
    assert states(duty)["anna"] == ("away", "")
    assert not asyncio.run(duty.release("anna", "sales")).ok
    assert not asyncio.run(duty.pull("anna", "nowhere", False, "eva")).ok


def test_an_agent_of_the_queue_is_not_released_by_anybody(pbx: DrivenPbx, duty: Reserves) -> None:
    pbx.put("401", MemberListed("PJSIP/anna", "Anna", membership="static", status=1))
    pbx.tell()
    refused = asyncio.run(duty.release("anna", "sales"))
    assert not refused.ok and "pause" in refused.said
    press(pbx, 2)
    turn(pbx, duty, NOW_S)
    press(pbx, 0)
    turn(pbx, duty, NOW_S + 9 * STAY_S)
    assert pbx.acted == []


def test_who_leaves_by_themselves_is_not_fetched_back(pbx: DrivenPbx, duty: Reserves, kept: Kept) -> None:
    press(pbx, 2)
    turn(pbx, duty, NOW_S)
    pbx.remove("401", "PJSIP/anna")
    pbx.tell()
    for after_s in range(1, 3 * int(STAY_S)):
        turn(pbx, duty, NOW_S + after_s)
    assert len(pbx.acted) == 1 and not kept.pulled
    press(pbx, 0)
    turn(pbx, duty, NOW_S + 4 * STAY_S)
    press(pbx, 2)
    turn(pbx, duty, NOW_S + 4 * STAY_S + 1)
    assert len(pbx.acted) == 2, "the next time the rule wants them, they are asked for again"


def test_whom_a_restart_of_asterisk_lost_the_rule_pulls_in_again(pbx: DrivenPbx, duty: Reserves, kept: Kept) -> None:
    press(pbx, 2)
    turn(pbx, duty, NOW_S)
    pbx.remove("401", "PJSIP/anna")
    pbx.tell()
    turn(pbx, duty, NOW_S + 20)
    assert states(duty)["anna"] == ("in", RULE) and len(pbx.acted) == 2 and ANNA in kept.pulled


def test_who_is_asked_is_in_when_they_accept_and_left_alone_when_not(
    pbx: DrivenPbx, duty: Reserves, kept: Kept
) -> None:
    press(pbx, 3)
    turn(pbx, duty, NOW_S)
    (rung,) = [act for act in pbx.acted if isinstance(act, OriginateCall)]
    assert (rung.channel, rung.context, rung.extension) == ("PJSIP/boris", "router-reserve", "401")
    assert states(duty)["boris"] == ("asked", "")
    turn(pbx, duty, NOW_S + 1)
    assert len(pbx.acted) == 2, "asked once"
    pbx.put("401", MemberListed("PJSIP/boris", "boris", status=1))
    pbx.tell()
    turn(pbx, duty, NOW_S + 2)
    assert states(duty)["boris"] == ("in", RULE) and BORIS in kept.pulled
    assert asyncio.run(duty.release("boris", "sales")).ok
    turn(pbx, duty, NOW_S + 9 * STAY_S)
    assert states(duty)["boris"] == ("away", "")


def test_who_does_not_accept_is_away_again(pbx: DrivenPbx, duty: Reserves) -> None:
    turn(pbx, duty, NOW_S)
    assert asyncio.run(duty.pull("boris", "sales", True, "eva")) == (True, "asked: their telephone rings")
    turn(pbx, duty, NOW_S + 1)
    assert states(duty)["boris"] == ("asked", "")
    turn(pbx, duty, NOW_S + ASKED_S + 1)
    assert states(duty)["boris"] == ("away", "")


def test_without_effect_or_store_nobody_counts_as_moved(
    pbx: DrivenPbx, duty: Reserves, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserves, "SEEN_S", 0.05)
    pbx.deaf = True
    done = asyncio.run(duty.pull("anna", "sales", False, "eva"))
    assert not done.ok and not kept.pulled
    kept.away = True
    pbx.deaf = False
    press(pbx, 2)
    turn(pbx, duty, NOW_S + 900)
    assert len(pbx.acted) == 1


def test_an_unknown_line_moves_nobody(pbx: DrivenPbx, duty: Reserves) -> None:
    press(pbx, 2)
    asyncio.run(duty.turn(NOW_S + 60))  # long after the last sign of life
    assert pbx.acted == []
