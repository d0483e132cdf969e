"""What Redis says of itself (INFO), as far as keeping callers depends on it."""

from __future__ import annotations

from typing import NamedTuple


class SeenStore(NamedTuple):
    """One look at the store of the callers."""

    where: str
    """Where it is, without its password."""
    fault: str = ""
    """Why nobody can be asked there; empty when somebody answers."""
    refused: tuple[str, ...] = ()
    """Commands the router needs and its user may not send."""
    info: dict[str, str] = {}
    """What INFO says; empty where it is refused."""
    saves: str | None = None
    """`save` of its configuration, empty when nothing is saved by it; None where that is not told."""
    at_s: float | None = None
    """Its clock, in seconds since 1970 UTC; None where that is not told."""
    asked_at_s: float = 0.0
    """Ours in the middle of that question."""


def read_info(said: bytes) -> dict[str, str]:
    """The fields of an answer to INFO.

    >>> read_info(b"# Memory\\r\\nmaxmemory:0\\r\\nmaxmemory_policy:noeviction\\r\\n")
    {'maxmemory': '0', 'maxmemory_policy': 'noeviction'}
    """
    lines = (line.partition(":") for line in said.decode(errors="replace").splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in lines if colon}
