"""What Asterisk 22.10 can do with DeviceState; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from ..objects import Item, chosen


class DeviceState(Item):
    """Represents the state of a device."""

    _HOME = "/deviceStates"
    _KEYS = ("name",)

    @property
    def name(self) -> str:
        """Name of the device."""
        value: str = self._said("name")
        return value

    @property
    def state(self) -> str:
        """Device's state."""
        value: str = self._said("state")
        return value

    async def get(self) -> DeviceState:
        """Retrieve the current state of a device."""
        return DeviceState.of(self._client, await self._ask("GET", ""))

    async def update(self, deviceState: str) -> None:
        """Change the state of a device controlled by ARI. (Note - implicitly creates the device state). Raises
        AriError: 404, 409.
        """
        query = chosen({"deviceState": deviceState})
        await self._ask("PUT", "", query)

    async def delete(self) -> None:
        """Destroy a device-state controlled by ARI. Raises AriError: 404, 409."""
        await self._ask("DELETE", "")
