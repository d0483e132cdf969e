"""What ARI told when it was asked once."""

from __future__ import annotations

from typing import NamedTuple


class SeenAri(NamedTuple):
    """One look at ARI with our user."""

    where: str
    """Application, user and address, without the password."""
    fault: str = ""
    """Why nobody could be asked; empty when our user is let in."""
    refused: bool = False
    """Whether the reason is that our user is not let in."""
    answered: bool = False
    """Whether a daemon answers the application now."""
    at_s: float | None = None
    """Its clock, in seconds since 1970 UTC; None when it does not tell."""
    asked_at_s: float = 0.0
    """Ours in the middle of that question."""
