"""Is a policy fit to route calls: what stands in one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ..errors import PolicyFault
    from ..policy.policy import Policy
    from ..queues.seen_pbx import SeenPbx

    AskedPbx = Callable[[], SeenPbx]
    """Asks one PBX what is in its queues and its dialplan."""


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
    warnings: int = 0
    """What works and is probably not meant."""


class Checked(NamedTuple):
    """A policy that is fit to route calls."""

    summary: PolicySummary
    """How much it says."""
    warnings: list[PolicyFault]
    """What works and is probably not meant, by place."""
    notes: list[str]
    """What could not be looked at, and why."""


def checked(
    source: str, strict: bool = False, dialplan: Path | None = None, pbxs: Iterable[tuple[str, AskedPbx]] = ()
) -> Checked:
    """Read a policy and look for everything wrong with it, also beside the dialplan that lies in a directory, and
    beside the queues of PBXs: each with its name, and asked when the policy itself is found fit.

    Raises PolicyError with every fault, warnings among them, where there is an error, or a warning and it is `strict`;
    SettingsError where the directory holds no dialplan of ours, AmiError where a PBX does not answer.
    """
    from ..policy.load import inspect

    policy, warnings, entries = inspect(source)
    faults, notes = list(warnings), list[str]()
    if dialplan is not None:
        from .pbx.dialplan_check import find_missing

        faults += find_missing(entries, dialplan)
    for pbx, asked in pbxs:
        from .pbx.dialplan_check import BRANCHES, find_untold
        from .pbx.pbx_check import find_unserved

        seen = asked()
        faults += find_unserved(policy, entries, pbx, seen.listed)
        if seen.extensions is None or BRANCHES[1] not in seen.extensions:
            why = seen.untold or f"it has no [{BRANCHES[1]}]"
            notes.append(f"{pbx}: branches are not looked for in its dialplan: {why}")
        else:
            faults += find_untold(entries, pbx, seen.extensions, seen.includes)
    if any(strict or fault.severity == "error" for fault in faults):
        raise PolicyError(faults)
    return Checked(summary(policy)._replace(warnings=len(faults)), sorted(faults), notes)


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
