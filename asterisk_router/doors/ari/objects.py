"""What the generated classes stand on: a collection of operations, and one thing that has an ID."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from ...errors import AriError
from ...wire.ari_rest import part

ItemKind = TypeVar("ItemKind", bound="Item")


class Asks(Protocol):
    """Who sends requests and hears events: the client."""

    async def request(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send one request and return its JSON; raises AriError."""

    async def fetch(self, path: str) -> bytes:
        """Get a file; raises AriError."""

    def on_item_event(self, kind: str, item: Item, handler: Callable[..., Any]) -> Callable[[], None]:
        """Have `handler` hear events about one thing."""


class Collection:
    """The operations of one part of the API; reached as an attribute of the client."""

    def __init__(self, client: Asks) -> None:
        self._client = client

    async def _ask(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        return await self._client.request(method, path, query, body)

    async def _fetch(self, method: str, path: str) -> bytes:
        return await self._client.fetch(path)


class Item:
    """One channel, bridge, playback... `Channel(client, "1763888400.7")` names one without asking Asterisk."""

    _HOME: ClassVar[str] = ""
    _KEYS: ClassVar[tuple[str, ...]] = ("id",)

    def __init__(self, client: Asks, key: str, json: Mapping[str, Any] | None = None) -> None:
        self.key = key
        """Its ID, or the name it goes by; of an endpoint `TECH/RESOURCE`."""
        self.json = json if json is not None else {}
        """What Asterisk said of it last; empty when only the ID is known."""
        self._client = client
        # an ID is one part of the path whatever is in it; an endpoint has two
        self._path = "/".join((self._HOME, *map(part, key.split("/", len(self._KEYS) - 1))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key!r})"

    @classmethod
    def called(cls) -> str:
        """What it is, in words: `live recording`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).lower()

    @classmethod
    def of(cls: type[ItemKind], client: Asks, json: Mapping[str, Any]) -> ItemKind:
        """The thing Asterisk's JSON is about."""
        return cls(client, "/".join(str(json.get(key, "")) for key in cls._KEYS), json)

    def on_event(
        self: ItemKind, kind: str, handler: Callable[[ItemKind, dict[str, Any]], Awaitable[None] | None]
    ) -> Callable[[], None]:
        """Have `handler` hear events of that kind about this one, as (thing, event); the result ends it when called.

        It also ends with the thing: after StasisEnd, ChannelDestroyed, BridgeDestroyed, PlaybackFinished,
        RecordingFinished and RecordingFailed nothing more is heard of it.
        """
        return self._client.on_item_event(kind, self, handler)

    def _said(self, field: str) -> Any:
        try:
            return self.json[field]
        except KeyError:
            raise AriError(f"{field} is not known yet", where=repr(self), remedy="ask for it by get()") from None

    async def _ask(
        self, method: str, below: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        return await self._client.request(method, self._path + below, query, body)

    async def _fetch(self, method: str, below: str) -> bytes:
        return await self._client.fetch(self._path + below)


def chosen(given: Mapping[str, object]) -> dict[str, str]:
    """The parameters that have a value, as Asterisk reads them: `true`, and several of them parted by commas.

    >>> chosen({"channel": ["1.1", "1.2"], "mute": True, "role": None})
    {'channel': '1.1,1.2', 'mute': 'true'}
    """
    return {name: _text(value) for name, value in given.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(_text, value))
    return str(value)
