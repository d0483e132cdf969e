"""What Asterisk 22.10 can do with Channel; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ....wire.ari_rest import part
from ..objects import Item, chosen
from .live_recording import LiveRecording
from .playback import Playback


class Channel(Item):
    """A specific communication connection between Asterisk and an Endpoint."""

    _HOME = "/channels"
    _KEYS = ("id",)

    @property
    def id(self) -> str:
        """Unique identifier of the channel. This is the same as the Uniqueid field in AMI."""
        value: str = self._said("id")
        return value

    @property
    def protocol_id(self) -> str:
        """Protocol id from underlying channel driver (i.e. Call-ID for chan_pjsip; will be empty if not applicable or
        not implemented by driver).
        """
        value: str = self._said("protocol_id")
        return value

    @property
    def name(self) -> str:
        """Name of the channel (i.e. SIP/foo-0000a7e3)."""
        value: str = self._said("name")
        return value

    @property
    def state(self) -> str:
        """Its state."""
        value: str = self._said("state")
        return value

    @property
    def caller(self) -> dict[str, Any]:
        """Its caller."""
        value: dict[str, Any] = self._said("caller")
        return value

    @property
    def connected(self) -> dict[str, Any]:
        """Its connected."""
        value: dict[str, Any] = self._said("connected")
        return value

    @property
    def accountcode(self) -> str:
        """Its accountcode."""
        value: str = self._said("accountcode")
        return value

    @property
    def dialplan(self) -> dict[str, Any]:
        """Current location in the dialplan."""
        value: dict[str, Any] = self._said("dialplan")
        return value

    @property
    def creationtime(self) -> str:
        """Timestamp when channel was created."""
        value: str = self._said("creationtime")
        return value

    @property
    def language(self) -> str:
        """The default spoken language."""
        value: str = self._said("language")
        return value

    @property
    def channelvars(self) -> Any | None:
        """Channel variables."""
        value: Any | None = self.json.get("channelvars")
        return value

    @property
    def caller_rdnis(self) -> str | None:
        """The Caller ID RDNIS."""
        value: str | None = self.json.get("caller_rdnis")
        return value

    @property
    def tenantid(self) -> str | None:
        """The Tenant ID for the channel."""
        value: str | None = self.json.get("tenantid")
        return value

    async def get(self) -> Channel:
        """Channel details. Raises AriError: 404."""
        return Channel.of(self._client, await self._ask("GET", ""))

    async def hangup(self, *, reason_code: str | None = None, reason: str | None = None) -> None:
        """Delete (i.e. hangup) a channel. Not in 16.28: `reason_code`. Raises AriError: 400, 404."""
        query = chosen({"reason_code": reason_code, "reason": reason})
        await self._ask("DELETE", "", query)

    async def continueInDialplan(
        self, *, context: str | None = None, extension: str | None = None, priority: int | None = None,
        label: str | None = None,
    ) -> None:
        """Exit application; continue execution in the dialplan. Raises AriError: 404, 409, 412."""
        query = chosen({"context": context, "extension": extension, "priority": priority, "label": label})
        await self._ask("POST", "/continue", query)

    async def move(self, app: str, *, appArgs: str | None = None) -> None:
        """Move the channel from one Stasis application to another. Raises AriError: 404, 409."""
        query = chosen({"app": app, "appArgs": appArgs})
        await self._ask("POST", "/move", query)

    async def redirect(self, endpoint: str) -> None:
        """Redirect the channel to a different location. Raises AriError: 400, 404, 409, 412, 422."""
        query = chosen({"endpoint": endpoint})
        await self._ask("POST", "/redirect", query)

    async def answer(self) -> None:
        """Answer a channel. Raises AriError: 404, 409, 412."""
        await self._ask("POST", "/answer")

    async def ring(self) -> None:
        """Indicate ringing to a channel. Raises AriError: 404, 409, 412."""
        await self._ask("POST", "/ring")

    async def ringStop(self) -> None:
        """Stop ringing indication on a channel if locally generated. Raises AriError: 404, 409, 412."""
        await self._ask("DELETE", "/ring")

    async def progress(self) -> None:
        """Indicate progress on a channel. Since 22.6, 21.11, 20.16; not in 16.28. Raises AriError: 404, 409, 412."""
        await self._ask("POST", "/progress")

    async def sendDTMF(
        self, *, dtmf: str | None = None, before: int | None = None, between: int | None = None,
        duration: int | None = None, after: int | None = None,
    ) -> None:
        """Send provided DTMF to a given channel. Raises AriError: 400, 404, 409, 412."""
        query = chosen({"dtmf": dtmf, "before": before, "between": between, "duration": duration, "after": after})
        await self._ask("POST", "/dtmf", query)

    async def mute(self, *, direction: str | None = None) -> None:
        """Mute a channel. Raises AriError: 404, 409, 412."""
        query = chosen({"direction": direction})
        await self._ask("POST", "/mute", query)

    async def unmute(self, *, direction: str | None = None) -> None:
        """Unmute a channel. Raises AriError: 404, 409, 412."""
        query = chosen({"direction": direction})
        await self._ask("DELETE", "/mute", query)

    async def hold(self) -> None:
        """Hold a channel. Raises AriError: 404, 409, 412."""
        await self._ask("POST", "/hold")

    async def unhold(self) -> None:
        """Remove a channel from hold. Raises AriError: 404, 409, 412."""
        await self._ask("DELETE", "/hold")

    async def startMoh(self, *, mohClass: str | None = None) -> None:
        """Play music on hold to a channel. Raises AriError: 404, 409, 412."""
        query = chosen({"mohClass": mohClass})
        await self._ask("POST", "/moh", query)

    async def stopMoh(self) -> None:
        """Stop playing music on hold to a channel. Raises AriError: 404, 409, 412."""
        await self._ask("DELETE", "/moh")

    async def startSilence(self) -> None:
        """Play silence to a channel. Raises AriError: 404, 409, 412."""
        await self._ask("POST", "/silence")

    async def stopSilence(self) -> None:
        """Stop playing silence to a channel. Raises AriError: 404, 409, 412."""
        await self._ask("DELETE", "/silence")

    async def play(
        self, media: str | Sequence[str], *, lang: str | None = None, offsetms: int | None = None,
        skipms: int | None = None, playbackId: str | None = None,
    ) -> Playback:
        """Start playback of media. Raises AriError: 404, 409, 412."""
        query = chosen({"media": media, "lang": lang, "offsetms": offsetms, "skipms": skipms, "playbackId": playbackId})
        return Playback.of(self._client, await self._ask("POST", "/play", query))

    async def playWithId(
        self, playbackId: str, media: str | Sequence[str], *, lang: str | None = None, offsetms: int | None = None,
        skipms: int | None = None,
    ) -> Playback:
        """Start playback of media and specify the playbackId. Raises AriError: 404, 409, 412."""
        query = chosen({"media": media, "lang": lang, "offsetms": offsetms, "skipms": skipms})
        return Playback.of(self._client, await self._ask("POST", f"/play/{part(playbackId)}", query))

    async def record(
        self, name: str, format: str, *, maxDurationSeconds: int | None = None, maxSilenceSeconds: int | None = None,
        ifExists: str | None = None, beep: bool | None = None, terminateOn: str | None = None,
    ) -> LiveRecording:
        """Start a recording. Raises AriError: 400, 404, 409, 422."""
        query = chosen({
            "name": name, "format": format, "maxDurationSeconds": maxDurationSeconds,
            "maxSilenceSeconds": maxSilenceSeconds, "ifExists": ifExists, "beep": beep, "terminateOn": terminateOn,
        })
        return LiveRecording.of(self._client, await self._ask("POST", "/record", query))

    async def getChannelVar(self, variable: str) -> dict[str, Any]:
        """Get the value of a channel variable or function. Raises AriError: 400, 404, 409."""
        query = chosen({"variable": variable})
        answer: dict[str, Any] = await self._ask("GET", "/variable", query)
        return answer

    async def setChannelVar(
        self, variable: str, *, value: str | None = None, report_events: bool | None = None,
    ) -> None:
        """Set the value of a channel variable or function. Not in 16.28: `report_events`. Raises AriError: 400, 404,
        409.
        """
        query = chosen({"variable": variable, "value": value, "report_events": report_events})
        await self._ask("POST", "/variable", query)

    async def getChannelVars(self, variables: str | Sequence[str]) -> dict[str, Any]:
        """Get the value of multiple channel variables or functions. Since 20.20, 22.10, 23.4; not in 16.28. Raises
        AriError: 400, 404, 409.
        """
        query = chosen({"variables": variables})
        answer: dict[str, Any] = await self._ask("GET", "/variables", query)
        return answer

    async def setChannelVars(self, variables: Mapping[str, Any]) -> None:
        """Set the values of multiple channel variables or functions. Since 20.20, 22.10, 23.4; not in 16.28. Raises
        AriError: 400, 404, 409.
        """
        said = {"variables": variables}
        await self._ask("POST", "/variables", None, said)

    async def snoopChannel(
        self, app: str, *, spy: str | None = None, whisper: str | None = None, appArgs: str | None = None,
        snoopId: str | None = None,
    ) -> Channel:
        """Start snooping. Raises AriError: 400, 404."""
        query = chosen({"spy": spy, "whisper": whisper, "app": app, "appArgs": appArgs, "snoopId": snoopId})
        return Channel.of(self._client, await self._ask("POST", "/snoop", query))

    async def snoopChannelWithId(
        self, snoopId: str, app: str, *, spy: str | None = None, whisper: str | None = None, appArgs: str | None = None,
    ) -> Channel:
        """Start snooping. Raises AriError: 400, 404."""
        query = chosen({"spy": spy, "whisper": whisper, "app": app, "appArgs": appArgs})
        return Channel.of(self._client, await self._ask("POST", f"/snoop/{part(snoopId)}", query))

    async def dial(self, *, caller: str | None = None, timeout: int | None = None) -> None:
        """Dial a created channel. Raises AriError: 404, 409."""
        query = chosen({"caller": caller, "timeout": timeout})
        await self._ask("POST", "/dial", query)

    async def rtpstatistics(self) -> dict[str, Any]:
        """RTP stats on a channel. Raises AriError: 404."""
        answer: dict[str, Any] = await self._ask("GET", "/rtp_statistics")
        return answer

    async def transfer_progress(self, states: str) -> None:
        """Inform the channel about the progress of the attended/blind transfer. Since 22.3, 21.8, 20.13; not in 16.28.
        Raises AriError: 400, 404, 409, 412.
        """
        query = chosen({"states": states})
        await self._ask("POST", "/transfer_progress", query)
