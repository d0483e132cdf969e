"""What Asterisk 22.10 can do with Bridge; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from ....wire.ari_rest import part
from ..objects import Item, chosen
from .live_recording import LiveRecording
from .playback import Playback


class Bridge(Item):
    """The merging of media from one or more channels. Everyone on the bridge receives the same audio."""

    _HOME = "/bridges"
    _KEYS = ("id",)

    @property
    def id(self) -> str:
        """Unique identifier for this bridge."""
        value: str = self._said("id")
        return value

    @property
    def technology(self) -> str:
        """Name of the current bridging technology."""
        value: str = self._said("technology")
        return value

    @property
    def bridge_type(self) -> str:
        """Type of bridge technology."""
        value: str = self._said("bridge_type")
        return value

    @property
    def bridge_class(self) -> str:
        """Bridging class."""
        value: str = self._said("bridge_class")
        return value

    @property
    def creator(self) -> str:
        """Entity that created the bridge."""
        value: str = self._said("creator")
        return value

    @property
    def name(self) -> str:
        """Name the creator gave the bridge."""
        value: str = self._said("name")
        return value

    @property
    def channels(self) -> builtins.list[str]:
        """Ids of channels participating in this bridge."""
        value: builtins.list[str] = self._said("channels")
        return value

    @property
    def video_mode(self) -> str | None:
        """The video mode the bridge is using. One of 'none', 'talker', 'sfu', or 'single'."""
        value: str | None = self.json.get("video_mode")
        return value

    @property
    def video_source_id(self) -> str | None:
        """The ID of the channel that is the source of video in this bridge, if one exists."""
        value: str | None = self.json.get("video_source_id")
        return value

    @property
    def creationtime(self) -> str:
        """Timestamp when bridge was created."""
        value: str = self._said("creationtime")
        return value

    @property
    def bridgevars(self) -> Any | None:
        """Bridge variables."""
        value: Any | None = self.json.get("bridgevars")
        return value

    async def get(self) -> Bridge:
        """Get bridge details. Raises AriError: 404."""
        return Bridge.of(self._client, await self._ask("GET", ""))

    async def destroy(self) -> None:
        """Shut down a bridge. Raises AriError: 404."""
        await self._ask("DELETE", "")

    async def getBridgeVar(self, variable: str) -> dict[str, Any]:
        """Get the value of a bridge variable or function. Since 20.20, 22.10, 23.4; not in 16.28. Raises AriError: 400,
        404, 409.
        """
        query = chosen({"variable": variable})
        answer: dict[str, Any] = await self._ask("GET", "/variable", query)
        return answer

    async def setBridgeVar(self, variable: str, *, value: str | None = None, report_events: bool | None = None) -> None:
        """Set the value of a bridge variable or function. Since 20.20, 22.10, 23.4; not in 16.28. Raises AriError: 400,
        404, 409.
        """
        query = chosen({"variable": variable, "value": value, "report_events": report_events})
        await self._ask("POST", "/variable", query)

    async def getBridgeVars(self, variables: str | Sequence[str]) -> dict[str, Any]:
        """Get the value of multiple bridge variables or functions. Since 20.20, 22.10, 23.4; not in 16.28. Raises
        AriError: 400, 404, 409.
        """
        query = chosen({"variables": variables})
        answer: dict[str, Any] = await self._ask("GET", "/variables", query)
        return answer

    async def setBridgeVars(self, variables: Mapping[str, Any]) -> None:
        """Set the values of multiple bridge variables or functions. Since 20.20, 22.10, 23.4; not in 16.28. Raises
        AriError: 400, 404, 409.
        """
        said = {"variables": variables}
        await self._ask("POST", "/variables", None, said)

    async def addChannel(
        self, channel: str | Sequence[str], *, role: str | None = None, absorbDTMF: bool | None = None,
        mute: bool | None = None, inhibitConnectedLineUpdates: bool | None = None,
    ) -> None:
        """Add a channel to a bridge. Not in 16.28: `inhibitConnectedLineUpdates`. Raises AriError: 400, 404, 409, 422.
        """
        query = chosen({
            "channel": channel, "role": role, "absorbDTMF": absorbDTMF, "mute": mute,
            "inhibitConnectedLineUpdates": inhibitConnectedLineUpdates,
        })
        await self._ask("POST", "/addChannel", query)

    async def removeChannel(self, channel: str | Sequence[str]) -> None:
        """Remove a channel from a bridge. Raises AriError: 400, 404, 409, 422."""
        query = chosen({"channel": channel})
        await self._ask("POST", "/removeChannel", query)

    async def setVideoSource(self, channelId: str) -> None:
        """Set a channel as the video source in a multi-party mixing bridge. This operation has no effect on bridges
        with two or fewer participants. Raises AriError: 404, 409, 422.
        """
        await self._ask("POST", f"/videoSource/{part(channelId)}")

    async def clearVideoSource(self) -> None:
        """Removes any explicit video source in a multi-party mixing bridge. This operation has no effect on bridges
        with two or fewer participants. When no explicit video source is set, talk detection will be used to determine
        the active video stream. Raises AriError: 404.
        """
        await self._ask("DELETE", "/videoSource")

    async def startMoh(self, *, mohClass: str | None = None) -> None:
        """Play music on hold to a bridge or change the MOH class that is playing. Raises AriError: 404, 409."""
        query = chosen({"mohClass": mohClass})
        await self._ask("POST", "/moh", query)

    async def stopMoh(self) -> None:
        """Stop playing music on hold to a bridge. Raises AriError: 404, 409."""
        await self._ask("DELETE", "/moh")

    async def play(
        self, media: str | Sequence[str], *, announcer_format: str | None = None, lang: str | None = None,
        offsetms: int | None = None, skipms: int | None = None, playbackId: str | None = None,
    ) -> Playback:
        """Start playback of media on a bridge. Not in 16.28: `announcer_format`. Raises AriError: 404, 409, 422."""
        query = chosen({
            "media": media, "announcer_format": announcer_format, "lang": lang, "offsetms": offsetms, "skipms": skipms,
            "playbackId": playbackId,
        })
        return Playback.of(self._client, await self._ask("POST", "/play", query))

    async def playWithId(
        self, playbackId: str, media: str | Sequence[str], *, announcer_format: str | None = None,
        lang: str | None = None, offsetms: int | None = None, skipms: int | None = None,
    ) -> Playback:
        """Start playback of media on a bridge. Not in 16.28: `announcer_format`. Raises AriError: 404, 409, 422."""
        query = chosen({
            "media": media, "announcer_format": announcer_format, "lang": lang, "offsetms": offsetms, "skipms": skipms,
        })
        return Playback.of(self._client, await self._ask("POST", f"/play/{part(playbackId)}", query))

    async def record(
        self, name: str, format: str, *, recorder_format: str | None = None, maxDurationSeconds: int | None = None,
        maxSilenceSeconds: int | None = None, ifExists: str | None = None, beep: bool | None = None,
        terminateOn: str | None = None,
    ) -> LiveRecording:
        """Start a recording. Not in 16.28: `recorder_format`. Raises AriError: 400, 404, 409, 422."""
        query = chosen({
            "name": name, "format": format, "recorder_format": recorder_format,
            "maxDurationSeconds": maxDurationSeconds, "maxSilenceSeconds": maxSilenceSeconds, "ifExists": ifExists,
            "beep": beep, "terminateOn": terminateOn,
        })
        return LiveRecording.of(self._client, await self._ask("POST", "/record", query))
