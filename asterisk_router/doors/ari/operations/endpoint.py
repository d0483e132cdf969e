"""What Asterisk 22.10 can do with Endpoint; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ..objects import Item, chosen


class Endpoint(Item):
    """An external device that may offer/accept calls to/from Asterisk. Unlike most resources, which have a single
    unique identifier, an endpoint is uniquely identified by the technology/resource pair.
    """

    _HOME = "/endpoints"
    _KEYS = ("technology", "resource")

    @property
    def technology(self) -> str:
        """Technology of the endpoint."""
        value: str = self._said("technology")
        return value

    @property
    def resource(self) -> str:
        """Identifier of the endpoint, specific to the given technology."""
        value: str = self._said("resource")
        return value

    @property
    def state(self) -> str | None:
        """Endpoint's state."""
        value: str | None = self.json.get("state")
        return value

    @property
    def channel_ids(self) -> builtins.list[str]:
        """Id's of channels associated with this endpoint."""
        value: builtins.list[str] = self._said("channel_ids")
        return value

    async def get(self) -> Endpoint:
        """Details for an endpoint. Raises AriError: 400, 404."""
        return Endpoint.of(self._client, await self._ask("GET", ""))

    async def sendMessageToEndpoint(
        self, from_: str, *, body: str | None = None, variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Send a message to some endpoint in a technology. Raises AriError: 400, 404."""
        query = chosen({"from": from_, "body": body})
        said = {"variables": variables} if variables else None
        await self._ask("PUT", "/sendMessage", query, said)

    async def referToEndpoint(
        self, from_: str, refer_to: str, *, to_self: bool | None = None, variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Refer an endpoint or technology URI to some technology URI or endpoint. Since 18.20, 20.5; not in 16.28.
        Raises AriError: 400, 404.
        """
        query = chosen({"from": from_, "refer_to": refer_to, "to_self": to_self})
        said = {"variables": variables} if variables else None
        await self._ask("POST", "/refer", query, said)
