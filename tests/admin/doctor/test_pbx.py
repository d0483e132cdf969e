from __future__ import annotations

from asterisk_router.admin.doctor.pbx import about_ari, about_manager, needed_rights
from asterisk_router.policy.load import load
from asterisk_router.wire.ami_rights import SeenManager
from asterisk_router.wire.seen_ari import SeenAri


def states(write: str, needed: str) -> list[str]:
    seen = SeenManager(frozenset(write.split()), None, 0.0)
    return [each.state for each in about_manager("berlin", "", seen, frozenset(needed.split()))]


def test_no_right_too_many_and_none_too_few() -> None:
    assert states("", "") == ["green", "green"]
    assert states("reporting", "") == ["green", "green"]
    assert states("agent", "agent") == ["green", "green"]
    assert states("agent command", "agent") == ["green", "red"]
    assert states("", "agent originate") == ["green", "red"]
    assert states("system", "call") == ["green", "red", "red"]
    assert [each.state for each in about_manager("berlin", "cannot connect", None, frozenset())] == ["red"]


def test_what_a_policy_needs_follows_from_what_it_says() -> None:
    assert needed_rights(load("shop")) <= {"agent", "originate", "call"}


def test_ari_is_green_only_when_somebody_answers() -> None:
    assert [each.state for each in about_ari(SeenAri("app", answered=True))] == ["green"]
    assert [each.state for each in about_ari(SeenAri("app"))] == ["yellow"]
    assert [each.state for each in about_ari(SeenAri("app", fault="401 Unauthorized", refused=True))] == ["red"]
    assert [each.state for each in about_ari(SeenAri("app", fault="cannot connect"))] == ["red"]
