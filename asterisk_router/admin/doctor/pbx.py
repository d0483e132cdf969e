"""The PBX: may our users do what the policy needs, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...policy.policy import Policy
from ...wire.ami_rights import SeenManager
from ...wire.seen_ari import SeenAri
from .finding import Finding, green, red, yellow

HARMLESS = frozenset({"reporting"})
"""Classes of `write` that only let us read: `check --ami` asks for the dialplan by it."""


NOT_FOLLOWED: Final = yellow(
    "manager",
    "no PBX is followed: facts about queues are unknown, and who calls from a bare number is put before nobody",
    "--ami: docs/first-call.md, step 4; or [trust] claimed_share = 100 in the policy, which asks no line",
)
"""Where no `--ami` is given."""


def needed_rights(policy: Policy) -> frozenset[str]:
    """The classes of `write` that what the policy says takes (docs/first-call.md, step 4)."""
    asked = any(reserve.ask for reserve in policy.reserves)
    rings = policy.call_back_rules.dial or asked
    wanted = {"agent": bool(policy.reserves) or rings, "originate": rings, "call": policy.preempt_talking}
    return frozenset(name for name, needed in wanted.items() if needed)


def about_manager(where: str, fault: str, seen: SeenManager | None, needed: frozenset[str]) -> Iterator[Finding]:
    """What the manager interface of one PBX says of our user; `fault` when it could not be asked."""
    if seen is None:
        yield red("manager", fault, "facts about queues are unknown until then: docs/first-call.md, step 4")
        return
    yield green("manager", f"{where} lets us in")
    beyond, lacking = seen.write - needed - HARMLESS, needed - seen.write
    line = f"write = {','.join(sorted(needed))}".rstrip()
    remedy = f"in the [section] of our user in manager.conf  {line}  then: asterisk -rx 'manager reload'"
    if beyond:
        said = f"{where}: more than is needed: {', '.join(sorted(beyond))}; who steals the secret has it, too"
        yield red("manager rights", said, remedy)
    if lacking:
        said = f"{where}: the policy needs {', '.join(sorted(lacking))}"
        yield red("manager rights", said, remedy)
    if not beyond and not lacking:
        yield green("manager rights", f"{where}: as many as are needed: {', '.join(sorted(needed)) or 'none'}")


def about_ari(seen: SeenAri) -> Iterator[Finding]:
    """What ARI of one PBX says."""
    if seen.refused:
        remedy = "the same password as in ari.conf, without read_only; then: asterisk -rx 'module reload res_ari.so'"
        yield red("ari", f"{seen.where}: refused, {seen.fault}", remedy)
    elif seen.fault:
        remedy = "is it up, enabled in ari.conf and http.conf, and on this address?"
        yield red("ari", f"{seen.where}: {seen.fault}", remedy)
    elif not seen.answered:
        remedy = "give the daemon this --ari: until somebody answers the application, its calls take the default"
        yield yellow("ari", f"{seen.where}: lets us in, and nobody answers the application", remedy)
    else:
        yield green("ari", f"{seen.where}: lets us in, and the application is answered")
