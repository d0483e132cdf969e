"""Reading boards, and finding who is meant."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.admin.queues import Waiting, as_plain, boards_of, check_named, find_waiting, queues_of
from asterisk_router.errors import RouterError
from asterisk_router.queues.shared_board import SeenBoard
from tests.admin.boards import BERLIN, board, caller, queue, seen

WIEN = board("wien", [queue("q-sales", [], [caller(1, "wien-1.1", number="+42125550****")])])


class Boards:
    """Boards that were published."""

    def __init__(self, *boards: SeenBoard) -> None:
        self._boards = list(boards)

    async def read_all(self) -> list[SeenBoard]:
        """All of them."""
        return self._boards


def test_without_a_board_it_says_what_to_do() -> None:
    with pytest.raises(RouterError, match="no daemon publishes a board") as refused:
        asyncio.run(boards_of(Boards()))
    assert "--ami" in refused.value.remedy


def test_one_pbx_is_picked_by_name_and_a_wrong_name_gets_the_nearest() -> None:
    boards = Boards(seen(BERLIN), seen(WIEN))
    assert asyncio.run(boards_of(boards, "wien")) == [seen(WIEN)]
    with pytest.raises(RouterError) as refused:
        asyncio.run(boards_of(boards, "berlim"))
    assert "'berlin'" in refused.value.remedy


def test_a_queue_is_found_by_either_name() -> None:
    assert [each["queue"] for each in queues_of(seen(BERLIN), "sales")] == ["q-sales"]
    assert [each["queue"] for each in queues_of(seen(BERLIN), "q-sales")] == ["q-sales"]
    assert len(queues_of(seen(BERLIN))) == 2
    with pytest.raises(RouterError) as refused:
        check_named([seen(BERLIN)], "sale")
    assert "'sales'" in refused.value.remedy
    check_named([seen(BERLIN), seen(WIEN, 60)], "sale")  # wien may have it


def test_an_old_board_and_a_line_not_heard_show_no_figures() -> None:
    old, deaf = as_plain(seen(BERLIN, 7.0)), as_plain(seen(board("wien", [], known=False, why="refused: wrong secret")))
    assert (old["known"], old["queues"], old["why"]) == (False, [], "no daemon has published it for 7 s")
    assert (deaf["known"], deaf["why"]) == (False, "refused: wrong secret")
    assert as_plain(seen(board("wien", [], known=False)))["why"]
    about_to_run_out = board("wien", [], at_s=100.0, good_until_s=101.0)
    assert as_plain(seen(about_to_run_out, 0.9))["known"] and not as_plain(seen(about_to_run_out, 1.1))["known"]


def test_a_board_for_programs_has_what_the_daemon_adds() -> None:
    sales, reception = as_plain(seen(BERLIN))["queues"]
    assert (sales["policy_name"], sales["pressure"]) == ("sales", "busy")
    assert (reception["policy_name"], reception["pressure"]) == ("reception", None)
    assert [each["caller_class"] for each in sales["callers"]] == ["vip", ""]


@pytest.mark.parametrize(
    ("written", "key", "found"),
    [
        ("1.2", "", Waiting("berlin", "q-sales", "1.2")),
        ("sales:1", "", Waiting("berlin", "q-sales", "1.1")),
        ("q-sales:2", "", Waiting("berlin", "q-sales", "1.2")),
        ("02/5550 0100", "+421255500100", Waiting("berlin", "q-sales", "1.1")),
        ("255500100", "", Waiting("berlin", "q-sales", "1.1")),
    ],
)
def test_who_waits_is_found_as_a_person_names_them(written: str, key: str, found: Waiting) -> None:
    assert find_waiting([seen(BERLIN)], written, key) == found


def test_nobody_and_several_are_told_apart() -> None:
    with pytest.raises(RouterError, match="nobody who waits is sales:3"):
        find_waiting([seen(BERLIN)], "sales:3", "")
    with pytest.raises(RouterError) as refused:
        find_waiting([seen(BERLIN), seen(WIEN)], "+421255500100", "+421255500100")
    assert "1.1, wien-1.1" in refused.value.remedy
    with pytest.raises(RouterError) as refused:
        find_waiting([seen(BERLIN), seen(WIEN, 9)], "wien-1.1", "")
    assert "the line of wien is unknown" in refused.value.remedy


def test_who_withholds_the_number_is_no_number_and_national_forms_are_seen_through() -> None:
    callers = [caller(1, "2.1", number="a withheld number"), caller(2, "2.2", number="025550****")]
    shown = [seen(board("berlin", [queue("sales", [], callers)]))]
    assert find_waiting(shown, "0255500100", "+421255500100").uniqueid == "2.2"
    for nobody in (("anonymous", ""), ("2.7", ""), ("0100", ""), ("+442079460100", "+442079460100")):
        with pytest.raises(RouterError, match="nobody who waits"):
            find_waiting(shown, *nobody)
    short = [seen(board("berlin", [queue("sales", [], [caller(1, "2.4", number="****")])]))]
    with pytest.raises(RouterError, match="nobody who waits"):
        find_waiting(short, "101", "101")
