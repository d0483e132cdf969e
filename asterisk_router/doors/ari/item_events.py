"""Events about one channel, bridge, playback...: who hears which, for as long as the thing is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .hearers import EVERY, Hearers
from .objects import Asks, Item

FIELDS = {
    "channel": ("channel", ("id",)),
    "peer": ("channel", ("id",)),
    "bridge": ("bridge", ("id",)),
    "playback": ("playback", ("id",)),
    "recording": ("live recording", ("name",)),
    "endpoint": ("endpoint", ("technology", "resource")),
}
"""Field of an event that holds what it is about -> what that is called here, and the fields by which it is known."""

LAST = {
    "StasisEnd": "channel",
    "ChannelDestroyed": "channel",
    "BridgeDestroyed": "bridge",
    "PlaybackFinished": "playback",
    "RecordingFinished": "live recording",
    "RecordingFailed": "live recording",
}
"""Kinds of events after which nothing more is heard of the thing.

Asterisk itself says nothing more about a channel that left the application, unless it was subscribed to or originated.
"""


class _Listener(NamedTuple):
    kind: str
    item: Item
    handler: Callable[..., Any]


class ItemEvents:
    """Handlers for single things; costs nothing while there are none."""

    def __init__(self, hearers: Hearers) -> None:
        self._hearers = hearers
        self._listeners: dict[tuple[str, str], list[_Listener]] = {}

    def add(self, kind: str, item: Item, handler: Callable[..., Any]) -> Callable[[], None]:
        """Have `handler` told of events of that kind about `item`, as (item, event); the result ends it."""
        address, listener = (item.called(), item.key), _Listener(kind, item, handler)
        self._listeners.setdefault(address, []).append(listener)

        def forget() -> None:
            left = [other for other in self._listeners.pop(address, ()) if other is not listener]
            if left:
                self._listeners[address] = left

        return forget

    def tell(self, event: dict[str, Any]) -> None:
        """Tell whoever listens to what the event is about."""
        if not self._listeners:
            return
        kind = event["type"]
        for field, (called, keys) in FIELDS.items():
            said = event.get(field)
            if not isinstance(said, dict):
                continue
            address = called, "/".join(str(said.get(key, "")) for key in keys)
            for listener in tuple(self._listeners.get(address, ())):
                if listener.kind in (kind, EVERY):
                    listener.item.json = said
                    self._hearers.call(listener.handler, listener.item, event)
            if LAST.get(kind) == called and field != "peer":
                self._listeners.pop(address, None)


def with_item(
    field: str, kind: type[Item], client: Asks, handler: Callable[..., Any]
) -> Callable[[dict[str, Any]], Any]:
    """A handler of events that hands on what they are about as well."""

    def handle(event: dict[str, Any]) -> Any:
        said = event.get(field)
        return handler(kind.of(client, said), event) if isinstance(said, dict) else None

    handle.__qualname__ = getattr(handler, "__qualname__", repr(handler))
    return handle
