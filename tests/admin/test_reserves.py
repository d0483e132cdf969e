"""Reserve agents on the boards, and which PBX is meant."""

from __future__ import annotations

import pytest

from asterisk_router.admin.reserves import Move, ReserveAgent, moves_of, reserves_of
from asterisk_router.errors import RouterError
from tests.admin.boards import BERLIN, board, queue, seen

WIEN = board("wien", [queue("q-sales", [], []), queue("support", [], [])])


def test_reserves_are_listed_and_unknown_where_the_line_is() -> None:
    assert reserves_of([seen(BERLIN), seen(WIEN)]) == [
        ReserveAgent("berlin", "second line", "eva", "sales", "in", "rule", True)
    ]
    assert reserves_of([seen(BERLIN, 8)]) == [
        ReserveAgent("berlin", "second line", "eva", "sales", "unknown", "", True)
    ]


def test_the_pbx_that_has_the_queue_is_meant() -> None:
    assert moves_of([seen(BERLIN), seen(WIEN)], "anna", "support", done=()) == [Move("wien", "anna", "support")]
    assert moves_of([seen(BERLIN)], "anna", "sales", done=()) == [Move("berlin", "anna", "sales")]
    with pytest.raises(RouterError, match="berlin and wien") as refused:
        moves_of([seen(BERLIN), seen(WIEN)], "anna", "sales", done=())
    assert "--pbx" in refused.value.remedy


def test_without_a_queue_a_reserve_or_its_agent_is_meant_wherever_they_are() -> None:
    rows = [("second-row", "eva", "sales"), ("second-row", "jan", "sales"), ("night", "eva", "support")]
    reserves = [{"reserve": row[0], "agent": row[1], "queue": row[2], "state": "away", "why": ""} for row in rows]
    boards = [seen(board("wien", [], reserves=reserves)), seen(BERLIN)]
    assert moves_of(boards, "second-row", "", done=("in",)) == [
        Move("wien", "eva", "sales"),
        Move("wien", "jan", "sales"),
    ]
    assert moves_of(boards, "eva", "", done=()) == [
        Move("wien", "eva", "sales"), Move("wien", "eva", "support"), Move("berlin", "eva", "sales", True)
    ]  # fmt: skip
    assert moves_of(boards, "second-row", "", done=("away",)) == []
    with pytest.raises(RouterError, match="no reserve") as refused:
        moves_of(boards, "second-rwo", "", done=())
    assert "'second-row'" in refused.value.remedy


def test_a_queue_nobody_has_is_refused() -> None:
    with pytest.raises(RouterError, match="no queue is called") as refused:
        moves_of([seen(WIEN)], "anna", "suport", done=())
    assert "'support'" in refused.value.remedy
    with pytest.raises(RouterError, match="no line that is known"):
        moves_of([seen(WIEN, 9)], "anna", "support", done=())
