"""One Stasis application of one PBX, as the Stasis door needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..wire.ari_rest import Request, Response

if TYPE_CHECKING:
    from ..settings import AriServer

Send = Callable[[Sequence[Request]], asyncio.Future[list[Response]]]
"""Sends requests in order, in one write."""


class Ari(Protocol):
    """One Stasis application of one PBX: `doors.ari.client.AriClient`."""

    server: AriServer
    """The PBX."""
    app: str
    """The application."""
    before_join: Callable[[Send], Awaitable[None]] | None
    """Called before the application is ours; an AriError keeps us out of it for now, and calls go on at once."""
    on_connect: Callable[[], Awaitable[None] | None] | None
    """Called after every connect."""
    on_lost: Callable[[str], Awaitable[None] | None] | None
    """Called when the connection is lost, with the reason."""
    on_taken_over: Callable[[], Awaitable[None]] | None
    """Called when another client took the application over."""

    @property
    def connected(self) -> bool:
        """Whether requests can be sent."""

    def on_event(self, kind: str, handler: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Have `handler` hear every event of that kind."""

    def start(self) -> None:
        """Connect, and again whenever the connection is lost."""

    def leave(self, why: str) -> None:
        """Give the application up, so that calls go on at once, and come back after a pause."""

    async def close(self) -> None:
        """Disconnect for good."""

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Send requests in order, in one write."""
