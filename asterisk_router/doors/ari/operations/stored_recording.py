"""What Asterisk 22.10 can do with StoredRecording; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from ..objects import Item, chosen


class StoredRecording(Item):
    """A past recording that may be played back."""

    _HOME = "/recordings/stored"
    _KEYS = ("name",)

    @property
    def name(self) -> str:
        """Its name."""
        value: str = self._said("name")
        return value

    @property
    def format(self) -> str:
        """Its format."""
        value: str = self._said("format")
        return value

    async def getStored(self) -> StoredRecording:
        """Get a stored recording's details. Raises AriError: 404."""
        return StoredRecording.of(self._client, await self._ask("GET", ""))

    async def deleteStored(self) -> None:
        """Delete a stored recording. Raises AriError: 404."""
        await self._ask("DELETE", "")

    async def getStoredFile(self) -> bytes:
        """Get the file associated with the stored recording. Raises AriError: 403, 404."""
        return await self._fetch("GET", "/file")

    async def copyStored(self, destinationRecordingName: str) -> StoredRecording:
        """Copy a stored recording. Raises AriError: 404, 409."""
        query = chosen({"destinationRecordingName": destinationRecordingName})
        return StoredRecording.of(self._client, await self._ask("POST", "/copy", query))
