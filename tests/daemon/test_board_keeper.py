"""Who shows what of a line, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from asterisk_router.callers.registered_call import BeganCall
from asterisk_router.daemon import board_keeper
from asterisk_router.daemon.board_keeper import BoardKeeper
from asterisk_router.policy.load import load
from asterisk_router.queues.events import CallerLeft
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.shared_board import ReserveOnBoard, SharedBoard
from tests.queues.lines import NOW_S, agent, caller, line, queue

HOUSE = """
[policy]
name = "house"
[queues.sales]
asterisk = "401"
[classes]
default = { branch = "sales", queue = "sales" }
[[classify]]
name = "everybody"
class = "default"
"""

ROW: ReserveOnBoard = {"reserve": "one", "agent": "anna", "queue": "sales", "state": "away", "why": "", "ask": False}


class Shown:
    """Keeps what is published; also the lead and the reason a board asks for."""

    def __init__(self) -> None:
        self.boards: list[SharedBoard] = []
        self.is_leader = True
        self.why = ""
        self.fails = False

    def publish(self, pbx: str, board: SharedBoard) -> None:
        self.boards.append(board)
        if self.fails:
            self.fails = False
            raise RuntimeError("of ours")


NUMBERS = {"c1": "+12025550100", "c2": ""}
CLASSES = {"c1": "vip", "c2": "default"}


@pytest.fixture
def kept() -> LiveLine:
    return line(queue("401", (agent("anna"),), (caller("c1"), caller("c2"))))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    monkeypatch.setattr(board_keeper, "SHOW_S", 0.002)
    monkeypatch.setattr(board_keeper, "SHOW_SHARE", 0)
    return Shown()


@pytest.fixture
def keeper(kept: LiveLine, shown: Shown, tmp_path: Path) -> BoardKeeper:
    (tmp_path / "house.toml").write_text(HOUSE)
    policy = load(str(tmp_path / "house.toml"))
    return BoardKeeper(
        kept,
        shown,
        shown,
        name="host:7",
        policy=lambda: policy,
        call_of=lambda uniqueid: BeganCall(uniqueid, "", 0.0, NUMBERS[uniqueid], "", caller_class=CLASSES[uniqueid]),
        reserves=lambda: [ROW],
        clock=lambda: NOW_S,
    )


def show(keeper: BoardKeeper, shown: Shown, until: Callable[[], bool] = lambda: False) -> list[SharedBoard]:
    """Show until something is true, or for a while."""

    async def body() -> None:
        running = asyncio.create_task(keeper.show(shown))
        for _ in range(60):
            await asyncio.sleep(0.002)
            if until():
                break
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(body())
    return shown.boards


def test_a_board_says_what_the_line_and_the_daemon_know(keeper: BoardKeeper) -> None:
    made = keeper.made(NOW_S)
    assert made["known"] and [each["queue"] for each in made["queues"]] == ["401"]
    assert (made["daemon"], made["leads"], made["why"]) == ("host:7", True, "")
    assert made["policy_names"] == {"401": "sales"} and made["pressures"].keys() == {"401"}
    assert made["classes"] == {"c1": "vip", "c2": "default"} and made["reserves"] == [ROW]


def test_who_withheld_their_number_is_shown_without_it_and_without_a_name(keeper: BoardKeeper) -> None:
    shown, withheld = keeper.made(NOW_S)["queues"][0]["callers"]
    assert shown["number"] and (withheld["number"], withheld["name"]) == ("", "")


def test_what_does_not_change_is_shown_once_until_the_next_beat(keeper: BoardKeeper, shown: Shown) -> None:
    assert len(show(keeper, shown)) == 1


def test_a_change_is_shown(keeper: BoardKeeper, shown: Shown, kept: LiveLine) -> None:
    def changed() -> bool:
        if len(shown.boards) == 1:
            kept.apply(CallerLeft("401", "c1", 1), NOW_S)
        return len(shown.boards) == 2

    boards = show(keeper, shown, changed)
    assert [board["queues"][0]["waiting"] for board in boards] == [2, 1]


def test_the_beat_shows_it_all_the_same(keeper: BoardKeeper, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_keeper, "BEAT_S", 0.004)
    assert len(show(keeper, shown, lambda: len(shown.boards) > 3)) > 3


def test_who_does_not_lead_shows_nothing_but_that_it_is_deaf(keeper: BoardKeeper, shown: Shown, kept: LiveLine) -> None:
    shown.is_leader = False
    assert show(keeper, shown) == []
    kept.lost()
    shown.why = "cannot connect"
    (board,) = show(keeper, shown)
    assert not board["known"] and board["why"] == "cannot connect" and not board["leads"]


def test_a_fault_of_ours_ends_no_showing(
    keeper: BoardKeeper, shown: Shown, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(board_keeper, "BEAT_S", 0.004)
    shown.fails = True
    assert len(show(keeper, shown, lambda: len(shown.boards) > 1)) > 1
    assert "in its board" in caplog.text
