"""Rules that none of the policy's own tests reaches: nobody would notice if they did something else."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import PolicyFault
from ..file.entries import Entries
from ..policy import Policy
from ..policy_tests import situations

STEPS = ("classify", "treat", "bonus")
"""In the order in which a walk names its winners."""


def find_untested(policy: Policy, entries: Entries) -> Iterator[PolicyFault]:
    """Rules that win in no test; one fault for all of them where there is no test at all."""
    if not entries.of("test"):
        head = entries.one("policy")
        if head is not None:
            yield head.fault(
                "", "no [[test]] holds this policy to its word", 'write [[test]] name, at, expect = { class = "..." }'
            )
        return
    reached: set[tuple[str, int]] = set()
    for situation in situations(policy, entries):
        classify, treat, *bonus = policy.walk(situation)
        reached |= {("classify", classify), ("treat", treat), *(("bonus", index) for index in bonus)}
    for step in STEPS:
        for index, rule in enumerate(policy.rules[step]):
            if (step, index) not in reached:
                key = "default" if step == "classify" and "default" in rule.entry.fields else ""
                problem = f"no [[test]] reaches the {step} rule {rule.name!r}"
                yield rule.entry.fault(key, problem, "write a [[test]] whose call it decides")
