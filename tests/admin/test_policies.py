"""The summary of a policy that is fit."""

from __future__ import annotations

from asterisk_router.admin.policies import summary
from asterisk_router.policy.load import files_of, load


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
