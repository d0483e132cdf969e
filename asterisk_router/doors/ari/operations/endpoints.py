"""What Asterisk 22.10 can do with endpoints; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ....wire.ari_rest import part
from ..objects import Collection, chosen
from .endpoint import Endpoint


class Endpoints(Collection):
    """Operations of `/endpoints`."""

    async def list(self) -> builtins.list[Endpoint]:
        """List all endpoints."""
        return [Endpoint.of(self._client, one) for one in await self._ask("GET", "/endpoints")]

    async def sendMessage(
        self, to: str, from_: str, *, body: str | None = None, variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Send a message to some technology URI or endpoint. Raises AriError: 400, 404."""
        query = chosen({"to": to, "from": from_, "body": body})
        said = {"variables": variables} if variables else None
        await self._ask("PUT", "/endpoints/sendMessage", query, said)

    async def refer(
        self, to: str, from_: str, refer_to: str, *, to_self: bool | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Refer an endpoint or technology URI to some technology URI or endpoint. Since 18.20, 20.5; not in 16.28.
        Raises AriError: 400, 404.
        """
        query = chosen({"to": to, "from": from_, "refer_to": refer_to, "to_self": to_self})
        said = {"variables": variables} if variables else None
        await self._ask("POST", "/endpoints/refer", query, said)

    async def listByTech(self, tech: str) -> builtins.list[Endpoint]:
        """List available endoints for a given endpoint technology. Raises AriError: 404."""
        return [Endpoint.of(self._client, one) for one in await self._ask("GET", f"/endpoints/{part(tech)}")]

    async def get(self, tech: str, resource: str) -> Endpoint:
        """Details for an endpoint. Raises AriError: 400, 404."""
        return Endpoint.of(self._client, await self._ask("GET", f"/endpoints/{part(tech)}/{part(resource)}"))
