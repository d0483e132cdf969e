"""What Asterisk 22.10 can do with Playback; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from ..objects import Item, chosen


class Playback(Item):
    """Object representing the playback of media to a channel."""

    _HOME = "/playbacks"
    _KEYS = ("id",)

    @property
    def id(self) -> str:
        """ID for this playback operation."""
        value: str = self._said("id")
        return value

    @property
    def media_uri(self) -> str:
        """The URI for the media currently being played back."""
        value: str = self._said("media_uri")
        return value

    @property
    def next_media_uri(self) -> str | None:
        """If a list of URIs is being played, the next media URI to be played back."""
        value: str | None = self.json.get("next_media_uri")
        return value

    @property
    def target_uri(self) -> str:
        """URI for the channel or bridge to play the media on."""
        value: str = self._said("target_uri")
        return value

    @property
    def language(self) -> str | None:
        """For media types that support multiple languages, the language requested for playback."""
        value: str | None = self.json.get("language")
        return value

    @property
    def state(self) -> str:
        """Current state of the playback operation."""
        value: str = self._said("state")
        return value

    async def get(self) -> Playback:
        """Get a playback's details. Raises AriError: 404."""
        return Playback.of(self._client, await self._ask("GET", ""))

    async def stop(self) -> None:
        """Stop a playback. Raises AriError: 404."""
        await self._ask("DELETE", "")

    async def control(self, operation: str) -> None:
        """Control a playback. Raises AriError: 400, 404, 409."""
        query = chosen({"operation": operation})
        await self._ask("POST", "/control", query)
