"""What the acts are handed by the daemon's composition, so that no act imports a door or a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from ..call_path import CallPath
    from ..callers.caller_book import CallerBook
    from ..policy.policy import Policy
    from ..settings import Settings


class Ports(NamedTuple):
    """The four things an act may need from the rest of the router; each is imported when first called."""

    open_book: Callable[[str, Path], AbstractAsyncContextManager[CallerBook]]
    """Opens the callers at a Redis URL (or `embedded`) under a state directory; raises StoreUnavailableError."""
    load_policy: Callable[[str], Policy]
    """Reads a policy file, or a shipped policy by name; raises PolicyError with every fault."""
    call_path: Callable[[Policy, CallerBook], CallPath]
    """Joins a policy and a book into the path of a call."""
    serve: Callable[[Settings], int]
    """Runs the daemon until it is told to stop; returns its exit code."""
