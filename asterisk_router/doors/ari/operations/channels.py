"""What Asterisk 22.10 can do with channels; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ....wire.ari_rest import part
from ..objects import Collection, chosen
from .channel import Channel


class Channels(Collection):
    """Operations of `/channels`."""

    async def list(self) -> builtins.list[Channel]:
        """List all active channels in Asterisk."""
        return [Channel.of(self._client, one) for one in await self._ask("GET", "/channels")]

    async def originate(
        self, endpoint: str, *, extension: str | None = None, context: str | None = None, priority: int | None = None,
        label: str | None = None, app: str | None = None, appArgs: str | None = None, callerId: str | None = None,
        timeout: int | None = None, variables: Mapping[str, Any] | None = None, channelId: str | None = None,
        otherChannelId: str | None = None, originator: str | None = None, formats: str | None = None,
    ) -> Channel:
        """Create a new channel (originate). Raises AriError: 400, 409."""
        query = chosen({
            "endpoint": endpoint, "extension": extension, "context": context, "priority": priority, "label": label,
            "app": app, "appArgs": appArgs, "callerId": callerId, "timeout": timeout, "channelId": channelId,
            "otherChannelId": otherChannelId, "originator": originator, "formats": formats,
        })
        said = {"variables": variables} if variables else None
        return Channel.of(self._client, await self._ask("POST", "/channels", query, said))

    async def create(
        self, endpoint: str, app: str, *, appArgs: str | None = None, channelId: str | None = None,
        otherChannelId: str | None = None, originator: str | None = None, formats: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Channel:
        """Create channel. Raises AriError: 409."""
        query = chosen({
            "endpoint": endpoint, "app": app, "appArgs": appArgs, "channelId": channelId,
            "otherChannelId": otherChannelId, "originator": originator, "formats": formats,
        })
        said = {"variables": variables} if variables else None
        return Channel.of(self._client, await self._ask("POST", "/channels/create", query, said))

    async def get(self, channelId: str) -> Channel:
        """Channel details. Raises AriError: 404."""
        return Channel.of(self._client, await self._ask("GET", f"/channels/{part(channelId)}"))

    async def originateWithId(
        self, channelId: str, endpoint: str, *, extension: str | None = None, context: str | None = None,
        priority: int | None = None, label: str | None = None, app: str | None = None, appArgs: str | None = None,
        callerId: str | None = None, timeout: int | None = None, variables: Mapping[str, Any] | None = None,
        otherChannelId: str | None = None, originator: str | None = None, formats: str | None = None,
    ) -> Channel:
        """Create a new channel (originate with id). Raises AriError: 400, 409."""
        query = chosen({
            "endpoint": endpoint, "extension": extension, "context": context, "priority": priority, "label": label,
            "app": app, "appArgs": appArgs, "callerId": callerId, "timeout": timeout, "otherChannelId": otherChannelId,
            "originator": originator, "formats": formats,
        })
        said = {"variables": variables} if variables else None
        return Channel.of(self._client, await self._ask("POST", f"/channels/{part(channelId)}", query, said))

    async def externalMedia(
        self, app: str, format: str, *, channelId: str | None = None, variables: Mapping[str, Any] | None = None,
        external_host: str | None = None, encapsulation: str | None = None, transport: str | None = None,
        connection_type: str | None = None, direction: str | None = None, data: str | None = None,
        transport_data: str | None = None,
    ) -> Channel:
        """Start an External Media session. Not in 16.28: `data`, `transport_data`. Raises AriError: 400, 409."""
        query = chosen({
            "channelId": channelId, "app": app, "external_host": external_host, "encapsulation": encapsulation,
            "transport": transport, "connection_type": connection_type, "format": format, "direction": direction,
            "data": data, "transport_data": transport_data,
        })
        said = {"variables": variables} if variables else None
        return Channel.of(self._client, await self._ask("POST", "/channels/externalMedia", query, said))
