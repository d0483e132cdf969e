"""Tells people which policies are at work: every version that comes into force is kept, and the shadow's tally shown.

All of it is done beside the calls, in another thread; where the state directory cannot be written, calls are routed
all the same and nothing can be rolled back.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..policy.kept_versions import KeptVersion

if TYPE_CHECKING:
    from ..policy.policy import Policy
    from .reload import PolicyInForce
    from .shadow import Shadow

LOG = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often it is looked whether there is something new to tell."""

Content = Mapping[str, bytes]


class Versions(Protocol):
    """Where versions are kept; all of it blocks and raises OSError."""

    def content_of(self, file: Path, files: Iterable[Path]) -> Content:
        """The files of a policy as they are now."""

    def hash_of(self, content: Content) -> str:
        """What a content is kept under."""

    def keep(self, entry: KeptVersion, content: Content) -> None:
        """Keep a version that came into force."""


class Notices(Protocol):
    """Where people look what a daemon does; all of it blocks and raises OSError."""

    def publish(self, notice: dict[str, Any]) -> None:
        """Say what this daemon does, in place of what it said before."""

    def withdraw(self) -> None:
        """Say that it does nothing any more."""


class ReadPolicy(NamedTuple):
    """A policy, and what it was made of when it was read."""

    version: str
    """As calls report it."""
    content: Content
    """Its files; empty when they changed while they were read."""


class PolicyReader:
    """Reads the live policy, and remembers what it was made of."""

    def __init__(
        self, load: Callable[[str], Policy], files_of: Callable[[str], list[Path]], versions: Versions
    ) -> None:
        self.latest = ReadPolicy("", {})
        """What was read last without a fault."""
        self._load = load
        self._files_of = files_of
        self._versions = versions

    def load(self, name: str) -> Policy:
        """The policy called `name`; raises PolicyError with every fault."""
        before = self._content(name)
        policy = self._load(name)
        self.latest = ReadPolicy(policy.version, before if before == self._content(name) else {})
        return policy

    def _content(self, name: str) -> Content:
        files = self._files_of(name)
        try:
            return self._versions.content_of(files[-1], files)
        except OSError:
            return {}  # the load says what is wrong with them


class PolicyKeeper:
    """Keeps versions and leaves notices for as long as the daemon lives."""

    def __init__(
        self,
        reader: PolicyReader,
        in_force: PolicyInForce,
        shadow: Shadow | None,
        versions: Versions,
        notices: Notices,
        *,
        policy_file: Path,
        shadow_file: Path | None,
        shipped: bool,
        besides: Callable[[], dict[str, Any]],
        clock: Callable[[], float],
    ) -> None:
        """`shipped`: the policy came with the product, and no other can be put in its place.

        `besides` is what else a notice of this daemon says.
        """
        self._besides = besides
        self._reader = reader
        self._in_force = in_force
        self._shadow = shadow
        self._versions = versions
        self._notices = notices
        self._file = policy_file
        self._fixed = {
            "policy_file": str(policy_file),
            "shipped": shipped,
            "shadow_file": "" if shadow_file is None else str(shadow_file),
        }
        self._clock = clock
        self._kept = ""
        self._said: dict[str, Any] = {}
        self._silent = False

    async def keep(self) -> None:
        """Keep what comes into force, and tell what changed; until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_S)
        finally:
            self._notices.withdraw()

    async def look(self) -> None:
        """The same once."""
        notice = self.notice()
        read = self._reader.latest
        news = read.content if read.version == notice["policy_version"] != self._kept else {}
        try:
            if news:
                await asyncio.to_thread(self._keep, read)
                self._kept = read.version
            if notice != self._said:
                await asyncio.to_thread(self._notices.publish, notice)
                self._said = notice
            self._silent = False
        except OSError as fault:
            if not self._silent:
                LOG.warning("versions of the policy are not kept, nothing can be promoted or rolled back: %s", fault)
            self._silent = True

    def notice(self) -> dict[str, Any]:
        """What this daemon does with calls."""
        notice: dict[str, Any] = {**self._fixed}
        if self._shadow is not None:
            notice |= self._shadow.as_plain()
        notice["policy_version"] = self._in_force.path.policy.version
        notice["policy_fault"] = self._in_force.fault
        return notice | self._besides()

    def _keep(self, read: ReadPolicy) -> None:
        content = self._versions.hash_of(read.content)
        entry = KeptVersion(self._clock(), read.version, content, "read", _owner(self._file), str(self._file))
        self._versions.keep(entry, read.content)


def _owner(file: Path) -> str:
    """Who saved it, as far as the disk knows."""
    try:
        uid = os.stat(file).st_uid
        return pwd.getpwuid(uid).pw_name
    except (OSError, KeyError):
        return "nobody known"
