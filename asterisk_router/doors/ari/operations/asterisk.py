"""What Asterisk 22.10 can do with asterisk; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from ....wire.ari_rest import part
from ..objects import Collection, chosen


class Asterisk(Collection):
    """Operations of `/asterisk`."""

    async def getObject(self, configClass: str, objectType: str, id: str) -> builtins.list[dict[str, Any]]:
        """Retrieve a dynamic configuration object. Raises AriError: 404."""
        path = f"/asterisk/config/dynamic/{part(configClass)}/{part(objectType)}/{part(id)}"
        answer: builtins.list[dict[str, Any]] = await self._ask("GET", path)
        return answer

    async def updateObject(
        self, configClass: str, objectType: str, id: str, *, fields: Sequence[Mapping[str, Any]] | None = None,
    ) -> builtins.list[dict[str, Any]]:
        """Create or update a dynamic configuration object. Raises AriError: 400, 403, 404."""
        path = f"/asterisk/config/dynamic/{part(configClass)}/{part(objectType)}/{part(id)}"
        said = {"fields": fields} if fields else None
        answer: builtins.list[dict[str, Any]] = await self._ask("PUT", path, None, said)
        return answer

    async def deleteObject(self, configClass: str, objectType: str, id: str) -> None:
        """Delete a dynamic configuration object. Raises AriError: 403, 404."""
        path = f"/asterisk/config/dynamic/{part(configClass)}/{part(objectType)}/{part(id)}"
        await self._ask("DELETE", path)

    async def getInfo(self, *, only: str | Sequence[str] | None = None) -> dict[str, Any]:
        """Gets Asterisk system information."""
        query = chosen({"only": only})
        answer: dict[str, Any] = await self._ask("GET", "/asterisk/info", query)
        return answer

    async def ping(self) -> dict[str, Any]:
        """Response pong message."""
        answer: dict[str, Any] = await self._ask("GET", "/asterisk/ping")
        return answer

    async def listModules(self) -> builtins.list[dict[str, Any]]:
        """List Asterisk modules."""
        answer: builtins.list[dict[str, Any]] = await self._ask("GET", "/asterisk/modules")
        return answer

    async def getModule(self, moduleName: str) -> dict[str, Any]:
        """Get Asterisk module information. Raises AriError: 404, 409."""
        answer: dict[str, Any] = await self._ask("GET", f"/asterisk/modules/{part(moduleName)}")
        return answer

    async def loadModule(self, moduleName: str) -> None:
        """Load an Asterisk module. Raises AriError: 409."""
        await self._ask("POST", f"/asterisk/modules/{part(moduleName)}")

    async def unloadModule(self, moduleName: str) -> None:
        """Unload an Asterisk module. Raises AriError: 404, 409."""
        await self._ask("DELETE", f"/asterisk/modules/{part(moduleName)}")

    async def reloadModule(self, moduleName: str) -> None:
        """Reload an Asterisk module. Raises AriError: 404, 409."""
        await self._ask("PUT", f"/asterisk/modules/{part(moduleName)}")

    async def listLogChannels(self) -> builtins.list[dict[str, Any]]:
        """Gets Asterisk log channel information."""
        answer: builtins.list[dict[str, Any]] = await self._ask("GET", "/asterisk/logging")
        return answer

    async def addLog(self, logChannelName: str, configuration: str) -> None:
        """Adds a log channel. Raises AriError: 400, 409."""
        query = chosen({"configuration": configuration})
        await self._ask("POST", f"/asterisk/logging/{part(logChannelName)}", query)

    async def deleteLog(self, logChannelName: str) -> None:
        """Deletes a log channel. Raises AriError: 404."""
        await self._ask("DELETE", f"/asterisk/logging/{part(logChannelName)}")

    async def rotateLog(self, logChannelName: str) -> None:
        """Rotates a log channel. Raises AriError: 404."""
        await self._ask("PUT", f"/asterisk/logging/{part(logChannelName)}/rotate")

    async def getGlobalVar(self, variable: str) -> dict[str, Any]:
        """Get the value of a global variable. Raises AriError: 400."""
        query = chosen({"variable": variable})
        answer: dict[str, Any] = await self._ask("GET", "/asterisk/variable", query)
        return answer

    async def setGlobalVar(self, variable: str, *, value: str | None = None) -> None:
        """Set the value of a global variable. Raises AriError: 400."""
        query = chosen({"variable": variable, "value": value})
        await self._ask("POST", "/asterisk/variable", query)
