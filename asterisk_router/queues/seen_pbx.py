"""One look at a PBX: its queues, and which extensions its dialplan has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from .events import LineListed


class SeenPbx(NamedTuple):
    """What a PBX told when it was asked once."""

    listed: LineListed
    """Its queues, with who is in them."""
    extensions: Mapping[str, Collection[str]] | None = None
    """By context: its extensions, patterns as written; None when it does not tell."""
    includes: Mapping[str, Collection[str]] = {}
    """By context: those it includes."""
    untold: str = ""
    """Why it does not tell its extensions."""
