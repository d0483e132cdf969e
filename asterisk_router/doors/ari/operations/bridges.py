"""What Asterisk 22.10 can do with bridges; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ....wire.ari_rest import part
from ..objects import Collection, chosen
from .bridge import Bridge


class Bridges(Collection):
    """Operations of `/bridges`."""

    async def list(self) -> builtins.list[Bridge]:
        """List all active bridges in Asterisk."""
        return [Bridge.of(self._client, one) for one in await self._ask("GET", "/bridges")]

    async def create(
        self, *, type: str | None = None, bridgeId: str | None = None, name: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Bridge:
        """Create a new bridge. Not in 16.28: `variables`. Raises AriError: 409."""
        query = chosen({"type": type, "bridgeId": bridgeId, "name": name})
        said = {"variables": variables} if variables else None
        return Bridge.of(self._client, await self._ask("POST", "/bridges", query, said))

    async def createWithId(
        self, bridgeId: str, *, type: str | None = None, name: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Bridge:
        """Create a new bridge. Not in 16.28: `variables`. Raises AriError: 409."""
        query = chosen({"type": type, "name": name})
        said = {"variables": variables} if variables else None
        return Bridge.of(self._client, await self._ask("POST", f"/bridges/{part(bridgeId)}", query, said))

    async def get(self, bridgeId: str) -> Bridge:
        """Get bridge details. Raises AriError: 404."""
        return Bridge.of(self._client, await self._ask("GET", f"/bridges/{part(bridgeId)}"))
