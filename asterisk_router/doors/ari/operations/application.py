"""What Asterisk 22.10 can do with Application; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from ..objects import Item, chosen


class Application(Item):
    """Details of a Stasis application."""

    _HOME = "/applications"
    _KEYS = ("name",)

    @property
    def name(self) -> str:
        """Name of this application."""
        value: str = self._said("name")
        return value

    @property
    def channel_ids(self) -> builtins.list[str]:
        """Id's for channels subscribed to."""
        value: builtins.list[str] = self._said("channel_ids")
        return value

    @property
    def bridge_ids(self) -> builtins.list[str]:
        """Id's for bridges subscribed to."""
        value: builtins.list[str] = self._said("bridge_ids")
        return value

    @property
    def endpoint_ids(self) -> builtins.list[str]:
        """{tech}/{resource} for endpoints subscribed to."""
        value: builtins.list[str] = self._said("endpoint_ids")
        return value

    @property
    def device_names(self) -> builtins.list[str]:
        """Names of the devices subscribed to."""
        value: builtins.list[str] = self._said("device_names")
        return value

    @property
    def events_allowed(self) -> builtins.list[Any]:
        """Event types sent to the application."""
        value: builtins.list[Any] = self._said("events_allowed")
        return value

    @property
    def events_disallowed(self) -> builtins.list[Any]:
        """Event types not sent to the application."""
        value: builtins.list[Any] = self._said("events_disallowed")
        return value

    async def get(self) -> Application:
        """Get details of an application. Raises AriError: 404."""
        return Application.of(self._client, await self._ask("GET", ""))

    async def subscribe(self, eventSource: str | Sequence[str]) -> Application:
        """Subscribe an application to a event source. Raises AriError: 400, 404, 422."""
        query = chosen({"eventSource": eventSource})
        return Application.of(self._client, await self._ask("POST", "/subscription", query))

    async def unsubscribe(self, eventSource: str | Sequence[str]) -> Application:
        """Unsubscribe an application from an event source. Raises AriError: 400, 404, 409, 422."""
        query = chosen({"eventSource": eventSource})
        return Application.of(self._client, await self._ask("DELETE", "/subscription", query))

    async def filter(self, *, filter: Mapping[str, Any] | None = None) -> Application:
        """Filter application events types. Raises AriError: 400, 404."""
        return Application.of(self._client, await self._ask("PUT", "/eventFilter", None, filter))
