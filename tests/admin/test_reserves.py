"""Reserve agents on the boards, and which PBX is meant."""

from __future__ import annotations

import pytest

from asterisk_router.admin.reserves import ReserveAgent, pbx_of, reserves_of
from asterisk_router.errors import RouterError
from tests.admin.boards import BERLIN, board, queue, seen

WIEN = board("wien", [queue("q-sales", [], []), queue("support", [], [])])


def test_reserves_are_listed_and_unknown_where_the_line_is() -> None:
    assert reserves_of([seen(BERLIN), seen(WIEN)]) == [
        ReserveAgent("berlin", "second line", "eva", "sales", "in", "rule")
    ]
    assert reserves_of([seen(BERLIN, 8)]) == [ReserveAgent("berlin", "second line", "eva", "sales", "unknown", "")]


def test_the_pbx_that_has_the_queue_is_meant() -> None:
    assert pbx_of([seen(BERLIN), seen(WIEN)], "support") == "wien"
    assert pbx_of([seen(BERLIN)], "sales") == "berlin"
    with pytest.raises(RouterError, match="berlin and wien") as refused:
        pbx_of([seen(BERLIN), seen(WIEN)], "sales")
    assert "--pbx" in refused.value.remedy


def test_a_queue_nobody_has_is_refused() -> None:
    with pytest.raises(RouterError, match="no queue is called") as refused:
        pbx_of([seen(WIEN)], "suport")
    assert "'support'" in refused.value.remedy
    with pytest.raises(RouterError, match="no line that is known"):
        pbx_of([seen(WIEN, 9)], "support")
