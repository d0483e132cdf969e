"""Who is put into a queue and taken off it by rule."""

from __future__ import annotations

from asterisk_router.queues.reserves import RULE, STAY_S, Due, Helper, Place, Pulled, due

NOW_S = 1_800_000_000.0
ANNA = Place("sales", "PJSIP/anna")


def helper(wanted: bool | None, reserve: str = "one") -> Helper:
    return Helper(ANNA, "anna", "Anna", reserve, "sales", False, wanted)


def found(
    *wanted: bool | None, here: bool = False, pulled: Pulled | None = None, resting: bool = False, known: bool = True
) -> Due:
    helpers = [helper(each, f"reserve {at}") for at, each in enumerate(wanted)]
    members = {ANNA.interface} if here else set()
    kept = {} if pulled is None else {ANNA: pulled}
    return due(helpers, kept, lambda _: members if known else None, lambda _: resting, NOW_S)


def pulled(ago_s: float, why: str = RULE) -> Pulled:
    return Pulled(ANNA, why, NOW_S - ago_s)


def test_a_rule_pulls_who_is_away_once() -> None:
    assert found(True) == Due([helper(True, "reserve 0")], [])
    assert found(False, True) == Due([helper(True, "reserve 1")], [])
    assert found(True, here=True) == found(True, pulled=pulled(1)) == found(True, resting=True) == Due([], [])


def test_a_rule_releases_whom_a_rule_pulled_after_a_time() -> None:
    assert found(False, here=True, pulled=pulled(STAY_S)) == Due([], [ANNA])
    assert found(False, here=True, pulled=pulled(STAY_S - 1)) == Due([], [])
    assert found(False, None, here=True, pulled=pulled(STAY_S)) == Due([], [])
    assert found(None, here=True, pulled=pulled(STAY_S)) == Due([], [])


def test_nobody_else_is_released_by_a_rule() -> None:
    assert found(False, here=True) == Due([], [])
    assert found(False, here=True, pulled=pulled(9 * STAY_S, "eva")) == Due([], [])
    assert found(False, pulled=pulled(STAY_S)) == Due([], [])


def test_a_queue_nobody_knows_moves_nobody() -> None:
    assert found(True, known=False) == found(False, known=False, pulled=pulled(STAY_S)) == Due([], [])
