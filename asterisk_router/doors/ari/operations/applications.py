"""What Asterisk 22.10 can do with applications; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins

from ....wire.ari_rest import part
from ..objects import Collection
from .application import Application


class Applications(Collection):
    """Operations of `/applications`."""

    async def list(self) -> builtins.list[Application]:
        """List all applications."""
        return [Application.of(self._client, one) for one in await self._ask("GET", "/applications")]

    async def get(self, applicationName: str) -> Application:
        """Get details of an application. Raises AriError: 404."""
        return Application.of(self._client, await self._ask("GET", f"/applications/{part(applicationName)}"))
