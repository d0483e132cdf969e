"""The policy in force, and how another takes its place: in one assignment, or not at all."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import RouterError

if TYPE_CHECKING:
    from ..call_path import CallPath
    from ..policy.policy import Policy

LOG = logging.getLogger(__name__)

GLANCE_S = 0.5
"""How often the policy's files are looked at; two glances alike make a change complete."""

Glance = tuple[tuple[str, int, int, int], ...]
"""Saved files: name, inode, size and time (ns since 1970 UTC) of each; empty when one is not there."""


class PolicySource(NamedTuple):
    """Where the policy comes from and what becomes of it, handed over by `compose`."""

    name: str
    """Path or shipped name, as the sysadmin gave it."""
    load: Callable[[str], Policy]
    """Reads it; raises PolicyError with every fault."""
    files_of: Callable[[str], Iterable[Path]]
    """The files it is made of now."""
    path_of: Callable[[Policy], CallPath]
    """Joins it with the caller book."""
    kind: str = "policy"
    """What the log calls it: `policy`, or `shadow policy`."""

    def glance(self) -> Glance:
        """Its files as they are saved now."""
        return glance(lambda: self.files_of(self.name))


def glance(files: Callable[[], Iterable[Path]]) -> Glance:
    """What tells saved files from those that were read; nothing when one is not there."""
    seen = []
    try:
        for path in files():
            found = os.stat(path)
            seen.append((str(path), found.st_ino, found.st_size, found.st_mtime_ns))
    except (OSError, RouterError):
        return ()  # between two names while an editor saves: the next glance sees it
    return tuple(seen)


class PolicyInForce:
    """Holds the path of the policy in force; a call meets one policy, never two."""

    def __init__(self, source: PolicySource, policy: Policy, *, seen: Glance = (), fault: str = "") -> None:
        """`policy` is that of `source`, whose files were `seen` before it was read: what is saved later is noticed.

        Nothing `seen`: it stands in until `watch` has read it; with a `fault`, until the files are mended.
        """
        self.fault = fault
        """Why the policy in force is not what its files say; empty when it is."""
        self.path: CallPath = source.path_of(policy)
        """The path that routes the next call."""
        self._source = source
        self._reading = asyncio.Lock()
        self._seen = seen

    async def reload(self) -> bool:
        """Read the policy again and put it in force; a bad one is reported with all its faults and changes nothing."""
        try:
            async with self._reading:  # else the older of two readings could end last
                policy = await asyncio.to_thread(self._source.load, self._source.name)
                self.path, self.fault = self._source.path_of(policy), ""
        except RouterError as fault:
            self.fault = str(fault)
            LOG.error("the %s is refused, the one in force stays:\n%s", self._source.kind, fault)
            return False
        except Exception as fault:  # a fault of ours in reading must not end the watch, nor the policy in force
            self.fault = repr(fault)
            LOG.exception("the %s could not be read, the one in force stays", self._source.kind)
            return False
        LOG.info("%s %s read again, now version %s", self._source.kind, self._source.name, policy.version)
        return True

    async def watch(self) -> None:
        """Reload whenever the files have changed and stopped changing; runs until cancelled."""
        before = self._seen
        if not before and not self._source.glance():
            LOG.warning("the %s %s is not there, it is waited for", self._source.kind, self._source.name)
        while True:
            await asyncio.sleep(GLANCE_S)
            now = self._source.glance()
            if now != self._seen and now == before:
                self._seen = now
                await self.reload()
            before = now
