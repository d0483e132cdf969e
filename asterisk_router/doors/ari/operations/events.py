"""What Asterisk 22.10 can do with events; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ....wire.ari_rest import part
from ..objects import Collection, chosen


class Events(Collection):
    """Operations of `/events`."""

    async def userEvent(
        self, eventName: str, application: str, *, source: str | Sequence[str] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Generate a user event. Raises AriError: 400, 404, 422."""
        query = chosen({"application": application, "source": source})
        said = {"variables": variables} if variables else None
        await self._ask("POST", f"/events/user/{part(eventName)}", query, said)

    async def claimChannel(self, channelId: str, application: str) -> None:
        """Claim a broadcast channel for this application. Since 20.17, 22.7, 23.1; not in 16.28. Raises AriError: 404,
        409.
        """
        query = chosen({"channelId": channelId, "application": application})
        await self._ask("POST", "/events/claim", query)
