"""What Asterisk 22.10 can do with deviceStates; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins

from ....wire.ari_rest import part
from ..objects import Collection, chosen
from .device_state import DeviceState


class DeviceStates(Collection):
    """Operations of `/deviceStates`."""

    async def list(self) -> builtins.list[DeviceState]:
        """List all ARI controlled device states."""
        return [DeviceState.of(self._client, one) for one in await self._ask("GET", "/deviceStates")]

    async def get(self, deviceName: str) -> DeviceState:
        """Retrieve the current state of a device."""
        return DeviceState.of(self._client, await self._ask("GET", f"/deviceStates/{part(deviceName)}"))

    async def update(self, deviceName: str, deviceState: str) -> None:
        """Change the state of a device controlled by ARI. (Note - implicitly creates the device state). Raises
        AriError: 404, 409.
        """
        query = chosen({"deviceState": deviceState})
        await self._ask("PUT", f"/deviceStates/{part(deviceName)}", query)
