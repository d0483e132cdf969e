"""What Asterisk 22.10 can do with playbacks; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from ....wire.ari_rest import part
from ..objects import Collection
from .playback import Playback


class Playbacks(Collection):
    """Operations of `/playbacks`."""

    async def get(self, playbackId: str) -> Playback:
        """Get a playback's details. Raises AriError: 404."""
        return Playback.of(self._client, await self._ask("GET", f"/playbacks/{part(playbackId)}"))
