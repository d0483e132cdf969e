"""Is a policy fit to route calls: what stands in one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..policy.policy import Policy


class PolicySummary(NamedTuple):
    """How much a policy says; a policy that exists has passed all of its tests."""

    version: str
    """Name and content hash, as calls report it."""
    classes: int
    """Classes of callers."""
    classify: int
    """Rules that tell a class."""
    treat: int
    """Rules that refine what a class gets."""
    bonus: int
    """Rules that add to the head start."""
    lines: int
    """Numbers of the house."""
    branches: int
    """Branches a call can be sent to."""
    queues: int
    """Queues a call can wait in."""
    agents: int
    """People who answer by name."""
    tests_passed: int
    """Tests inside the policy, every one of them passed."""


def summary(policy: Policy) -> PolicySummary:
    """Count what a loaded policy says."""
    rules = policy.rules
    return PolicySummary(
        version=policy.version,
        classes=len(policy.classes),
        classify=len(rules["classify"]),
        treat=len(rules["treat"]),
        bonus=len(rules["bonus"]),
        lines=len(policy.lines),
        branches=len(policy.branches),
        queues=len(policy.queues),
        agents=len(policy.agents),
        tests_passed=policy.tests,
    )
