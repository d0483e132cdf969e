"""What Asterisk 22.10 can do with sounds; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins

from ....wire.ari_rest import part
from ..objects import Collection, chosen
from .sound import Sound


class Sounds(Collection):
    """Operations of `/sounds`."""

    async def list(self, *, lang: str | None = None, format: str | None = None) -> builtins.list[Sound]:
        """List all sounds."""
        query = chosen({"lang": lang, "format": format})
        return [Sound.of(self._client, one) for one in await self._ask("GET", "/sounds", query)]

    async def get(self, soundId: str) -> Sound:
        """Get a sound's details."""
        return Sound.of(self._client, await self._ask("GET", f"/sounds/{part(soundId)}"))
