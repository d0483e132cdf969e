"""A start with a policy that cannot be used: the version that was in force last routes the calls until it is mended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..errors import PolicyError, RouterError
from ..policy.kept_versions import KeptVersion

if TYPE_CHECKING:
    from ..policy.policy import Policy
    from .reload import Glance

LOG = logging.getLogger(__name__)


class KeptPolicies(Protocol):
    """Every version that was in force, on disk; all of it raises OSError."""

    def history(self) -> Sequence[KeptVersion]:
        """What came into force, oldest first."""

    def content(self, content: str) -> Mapping[str, bytes]:
        """The files kept under that hash."""

    def hash_of(self, content: Mapping[str, bytes]) -> str:
        """What a content is kept under."""

    def path_of(self, content: str) -> Path:
        """The policy file kept under that hash."""


class FirstPolicy(NamedTuple):
    """The policy a daemon starts with."""

    policy: Policy
    """What routes calls."""
    fault: str
    """Why it is not what the policy file says; empty when it is."""
    seen: Glance = ()
    """The files as they were looked at before they were read."""


def first_policy(
    load: Callable[[], Policy], load_kept: Callable[[str], Policy], kept: KeptPolicies, file: Path
) -> FirstPolicy:
    """What `load` reads from `file`, or the latest kept version of that file that can be used.

    Raises PolicyError, that of the file as it is, when there is none: a daemon that never had a good policy does not
    start, and the dialplan's default takes its calls.
    """
    try:
        return FirstPolicy(load(), "")
    except PolicyError as fault:
        policy = _last_good(load_kept, kept, str(file))
        if policy is None:
            raise
        LOG.critical(
            "THE POLICY CANNOT BE USED. Calls are routed by the version that was in force last, %s, until %s is mended "
            "(saving it is enough):\n%s",
            policy.version, file, fault,
        )  # fmt: skip
        return FirstPolicy(policy, str(fault))


def _last_good(load: Callable[[str], Policy], kept: KeptPolicies, file: str) -> Policy | None:
    """The latest version of `file` that can still be used; what cannot is told, and the one before it tried."""
    try:
        history = kept.history()
    except OSError as fault:
        LOG.error("the versions that were in force cannot be read: %s", fault)
        return None
    tried: set[str] = set()
    for entry in reversed(history):
        if entry.file != file or entry.act == "set-aside" or entry.content in tried:
            continue
        tried.add(entry.content)
        try:
            if kept.hash_of(kept.content(entry.content)) != entry.content:
                raise RouterError("its files are not those that were kept")
            return load(str(kept.path_of(entry.content)))
        except (OSError, RouterError) as fault:
            LOG.error("version %s, in force before, cannot be used either: %s", entry.version, fault)
    return None
