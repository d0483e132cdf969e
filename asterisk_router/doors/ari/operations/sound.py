"""What Asterisk 22.10 can do with Sound; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins
from typing import Any

from ..objects import Item


class Sound(Item):
    """A media file that may be played back."""

    _HOME = "/sounds"
    _KEYS = ("id",)

    @property
    def id(self) -> str:
        """Sound's identifier."""
        value: str = self._said("id")
        return value

    @property
    def text(self) -> str | None:
        """Text description of the sound, usually the words spoken."""
        value: str | None = self.json.get("text")
        return value

    @property
    def formats(self) -> builtins.list[dict[str, Any]]:
        """The formats and languages in which this sound is available."""
        value: builtins.list[dict[str, Any]] = self._said("formats")
        return value

    async def get(self) -> Sound:
        """Get a sound's details."""
        return Sound.of(self._client, await self._ask("GET", ""))
