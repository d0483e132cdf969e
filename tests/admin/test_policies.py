"""The summary of a policy that is fit, and what is held against it besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.policies import checked, summary
from asterisk_router.errors import PolicyError
from asterisk_router.policy.load import files_of, load
from asterisk_router.queues.events import LineListed, QueueListed

BROKEN = Path(__file__).parents[1] / "policy" / "broken"


def test_a_summary_counts_what_the_policy_says() -> None:
    shop = load("shop")
    counted = summary(shop)
    assert counted.version == shop.version
    assert (counted.classes, counted.branches, counted.lines) == (
        len(shop.classes),
        len(shop.branches),
        len(shop.lines),
    )
    assert counted.tests_passed == files_of("shop")[-1].read_text().count("\n[[test]]") > 0
    assert (counted.classify, counted.treat, counted.bonus) == tuple(
        len(shop.rules[step]) for step in ("classify", "treat", "bonus")
    )


def test_a_pbx_is_asked_only_about_a_policy_that_is_fit_itself() -> None:
    asked = []

    def berlin() -> LineListed:
        asked.append("berlin")
        return LineListed((QueueListed("reception"),))

    with pytest.raises(PolicyError, match="closes the list"):
        checked(str(BROKEN / "no-default.toml"), pbxs=[("berlin", berlin)])
    assert asked == []
    with pytest.raises(PolicyError) as refused:
        checked("clinic", pbxs=[("berlin", berlin)])
    said = {fault.problem: fault.severity for fault in refused.value.faults}
    assert said["queue: 'nurses' is no queue of berlin"] == "error"
    assert said["queue: 'reception' has no agent on berlin now"] == "warning"
    assert asked == ["berlin"]
