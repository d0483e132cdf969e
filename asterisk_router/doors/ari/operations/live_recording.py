"""What Asterisk 22.10 can do with LiveRecording; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from ..objects import Item


class LiveRecording(Item):
    """A recording that is in progress."""

    _HOME = "/recordings/live"
    _KEYS = ("name",)

    @property
    def name(self) -> str:
        """Base name for the recording."""
        value: str = self._said("name")
        return value

    @property
    def format(self) -> str:
        """Recording format (wav, gsm, etc.)."""
        value: str = self._said("format")
        return value

    @property
    def target_uri(self) -> str:
        """URI for the channel or bridge being recorded."""
        value: str = self._said("target_uri")
        return value

    @property
    def state(self) -> str:
        """Its state."""
        value: str = self._said("state")
        return value

    @property
    def duration(self) -> int | None:
        """Duration in seconds of the recording."""
        value: int | None = self.json.get("duration")
        return value

    @property
    def talking_duration(self) -> int | None:
        """Duration of talking, in seconds, detected in the recording. This is only available if the recording was
        initiated with a non-zero maxSilenceSeconds.
        """
        value: int | None = self.json.get("talking_duration")
        return value

    @property
    def silence_duration(self) -> int | None:
        """Duration of silence, in seconds, detected in the recording. This is only available if the recording was
        initiated with a non-zero maxSilenceSeconds.
        """
        value: int | None = self.json.get("silence_duration")
        return value

    @property
    def cause(self) -> str | None:
        """Cause for recording failure if failed."""
        value: str | None = self.json.get("cause")
        return value

    async def getLive(self) -> LiveRecording:
        """List live recordings. Raises AriError: 404."""
        return LiveRecording.of(self._client, await self._ask("GET", ""))

    async def cancel(self) -> None:
        """Stop a live recording and discard it. Raises AriError: 404."""
        await self._ask("DELETE", "")

    async def stop(self) -> None:
        """Stop a live recording and store it. Raises AriError: 404."""
        await self._ask("POST", "/stop")

    async def pause(self) -> None:
        """Pause a live recording. Raises AriError: 404, 409."""
        await self._ask("POST", "/pause")

    async def unpause(self) -> None:
        """Unpause a live recording. Raises AriError: 404, 409."""
        await self._ask("DELETE", "/pause")

    async def mute(self) -> None:
        """Mute a live recording. Raises AriError: 404, 409."""
        await self._ask("POST", "/mute")

    async def unmute(self) -> None:
        """Unmute a live recording. Raises AriError: 404, 409."""
        await self._ask("DELETE", "/mute")
