"""The summary of a policy that is fit, and what is held against it besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.policies import checked, summary
from asterisk_router.errors import PolicyError
from asterisk_router.policy.load import files_of, load
from asterisk_router.queues.events import LineListed, MemberListed, QueueListed
from asterisk_router.queues.seen_pbx import SeenPbx

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

    def berlin() -> SeenPbx:
        asked.append("berlin")
        return SeenPbx(LineListed((QueueListed("reception"),)), {"router-branches": {"_[a-m]."}})

    with pytest.raises(PolicyError, match="closes the list"):
        checked(str(BROKEN / "no-default.toml"), pbxs=[("berlin", berlin)])
    assert asked == []
    with pytest.raises(PolicyError) as refused:
        checked("clinic", pbxs=[("berlin", berlin)])
    said = {fault.problem: fault.severity for fault in refused.value.faults}
    assert said["queue: 'nurses' is no queue of berlin"] == "error"
    assert said["queue: 'reception' has no agent on berlin now"] == "warning"
    assert any(
        "no extension" in problem and problem.endswith("on berlin: its calls take the default") for problem in said
    )
    assert asked == ["berlin"]


def test_a_pbx_without_our_contexts_or_that_tells_none_is_a_note() -> None:
    listed = LineListed(tuple(QueueListed(queue, (MemberListed("PJSIP/anna"),)) for queue in load("clinic").queues))
    told = [("berlin", lambda: SeenPbx(listed, untold="Permission denied")), ("vienna", lambda: SeenPbx(listed, {}))]
    assert checked("clinic", pbxs=told).notes == [
        "berlin: branches are not looked for in its dialplan: Permission denied",
        "vienna: branches are not looked for in its dialplan: it has no [router-branches]",
    ]
