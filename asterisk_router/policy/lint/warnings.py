"""Everything in a policy that works and is probably not meant; told by `check`, never in the way of a daemon."""

from __future__ import annotations

from ...errors import PolicyFault
from ..file.entries import Entries
from ..policy import Policy
from .coverage import find_untested
from .precedence import find_inversions
from .refined import Classes
from .starving import find_starving
from .unused import find_unused


def warnings_of(policy: Policy, entries: Entries) -> list[PolicyFault]:
    """All warnings of a policy assembled from `entries`, by place."""
    classes = Classes(policy, entries.named("classes"))
    found = [
        *find_inversions(policy, classes),
        *find_starving(policy, classes, entries.named("queues")),
        *find_unused(policy, classes, entries),
        *find_untested(policy, entries),
    ]
    return sorted(fault._replace(severity="warning") for fault in found)
