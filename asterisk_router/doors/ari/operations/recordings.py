"""What Asterisk 22.10 can do with recordings; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins

from ....wire.ari_rest import part
from ..objects import Collection
from .live_recording import LiveRecording
from .stored_recording import StoredRecording


class Recordings(Collection):
    """Operations of `/recordings`."""

    async def listStored(self) -> builtins.list[StoredRecording]:
        """List recordings that are complete."""
        return [StoredRecording.of(self._client, one) for one in await self._ask("GET", "/recordings/stored")]

    async def getStored(self, recordingName: str) -> StoredRecording:
        """Get a stored recording's details. Raises AriError: 404."""
        return StoredRecording.of(self._client, await self._ask("GET", f"/recordings/stored/{part(recordingName)}"))

    async def getLive(self, recordingName: str) -> LiveRecording:
        """List live recordings. Raises AriError: 404."""
        return LiveRecording.of(self._client, await self._ask("GET", f"/recordings/live/{part(recordingName)}"))
