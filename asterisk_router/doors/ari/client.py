"""The ARI client: a connection, the operations of the API, and events about single channels, bridges, playbacks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ...settings import AriServer
from ...wire.ari_rest import Request, checked, part
from .connection import AriConnection
from .item_events import ItemEvents, with_item
from .link import Transport
from .objects import Item
from .operations.applications import Applications
from .operations.asterisk import Asterisk
from .operations.bridge import Bridge
from .operations.bridges import Bridges
from .operations.channel import Channel
from .operations.channels import Channels
from .operations.device_states import DeviceStates
from .operations.endpoints import Endpoints
from .operations.events import Events
from .operations.mailboxes import Mailboxes
from .operations.playback import Playback
from .operations.playbacks import Playbacks
from .operations.recordings import Recordings
from .operations.sounds import Sounds
from .websocket import Event


class AriClient(AriConnection):
    """One Stasis application of one PBX, with methods for everything Asterisk's API has.

    Their names are Asterisk's own, so that its documentation is theirs: `POST /channels` is called `originate` there,
    and `client.channels.originate` here; what is done with one channel is a method of `Channel`.
    """

    def __init__(
        self,
        server: AriServer,
        app: str = "",
        *,
        transport: Transport = "auto",
        event_filter: Sequence[str] = (),
    ) -> None:
        """Make a client; see `AriConnection`."""
        super().__init__(server, app, transport=transport, event_filter=event_filter)
        self._item_events = ItemEvents(self._hearers)
        self.applications = Applications(self)
        """What Stasis applications are subscribed to."""
        self.asterisk = Asterisk(self)
        """Asterisk itself: version, modules, global variables, logs."""
        self.bridges = Bridges(self)
        """Bridges."""
        self.channels = Channels(self)
        """Channels."""
        self.device_states = DeviceStates(self)
        """Device states of ours (`Stasis:...`)."""
        self.endpoints = Endpoints(self)
        """Endpoints: `PJSIP/anna`."""
        self.events = Events(self)
        """Events of users, and claims of calls that are broadcast."""
        self.mailboxes = Mailboxes(self)
        """Counters of mailboxes."""
        self.playbacks = Playbacks(self)
        """Media being played."""
        self.recordings = Recordings(self)
        """Recordings, live and stored."""
        self.sounds = Sounds(self)
        """Prompts installed."""

    async def set_variables(self, channel: Channel, values: Mapping[str, str]) -> None:
        """Set several variables of a channel: in one request where Asterisk has that, in one write where it has not.

        Raises AriError with the first that was refused; in one write the others are set all the same.
        """
        path = f"/channels/{part(channel.key)}/variable"
        if self.sets_many_variables:
            requests = [Request("POST", f"{path}s", None, {"variables": values})]
        else:
            requests = [Request("POST", path, {"variable": name, "value": value}) for name, value in values.items()]
        for request, response in zip(requests, await self.send(requests), strict=True):
            checked(request, response)

    def on_channel_event(
        self, kind: str, handler: Callable[[Channel, Event], Awaitable[None] | None]
    ) -> Callable[[], None]:
        """Like `on_event`; the handler gets the channel as well. An event without a `channel` is not heard."""
        return self.on_event(kind, with_item("channel", Channel, self, handler))

    def on_bridge_event(
        self, kind: str, handler: Callable[[Bridge, Event], Awaitable[None] | None]
    ) -> Callable[[], None]:
        """Like `on_event`; the handler gets the bridge as well."""
        return self.on_event(kind, with_item("bridge", Bridge, self, handler))

    def on_playback_event(
        self, kind: str, handler: Callable[[Playback, Event], Awaitable[None] | None]
    ) -> Callable[[], None]:
        """Like `on_event`; the handler gets the playback as well."""
        return self.on_event(kind, with_item("playback", Playback, self, handler))

    def on_item_event(self, kind: str, item: Item, handler: Callable[..., Any]) -> Callable[[], None]:
        """What `Item.on_event` does; the handler gets the item and the event."""
        return self._item_events.add(kind, item, handler)

    def _heard(self, event: Event) -> None:
        super()._heard(event)
        self._item_events.tell(event)
