"""The stranger by whom is measured what a caller is more than: the same call, of whose number nothing is known."""

from __future__ import annotations

from random import Random

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.policy.load import load, shipped
from tests.policy.random_calls import call_at_random, pool_of


@pytest.mark.parametrize("name", shipped())
def test_the_stranger_is_who_the_rules_make_of_an_unknown_caller(name: str) -> None:
    policy, random = load(name), Random(11)
    gatherer, pool, compared = policy.gatherer, pool_of(policy, random), 0
    bars = [each.use for each in policy.compiled.space.dimensions if each.use.fact.name == "under_bar"]
    for _ in range(3000):
        s = call_at_random(pool, random)
        unknown = s._replace(caller=Caller.UNKNOWN)
        seen = [[gatherer.value_of(each)(use) for use in bars] for each in (s, unknown)]
        if s.caller.language or seen[0] != seen[1]:
            continue  # the language, and whether the value reaches a bar, are left to the caller
        found = policy.program.walk(*gatherer.of_stranger(s, gatherer.buckets(s), gatherer.labels(s)))
        assert found == policy.program.walk(gatherer.buckets(unknown), gatherer.labels(unknown)), s
        compared += 1
    assert compared > 300
