"""A Python client of ARI, Asterisk's REST interface.

    from asterisk_router.ari import AriClient, parse_ari

- `AriClient`: one Stasis application of one PBX: events, requests, reconnecting; its attributes (`channels`,
  `bridges`, ...) have the operations of the API
- `Channel`, `Bridge`, `Playback`, ...: what the operations give, with operations of their own
- `AriServer`, `parse_ari`: where the PBX is
- `Request`, `Response`: what `AriClient.send` takes and gives
- `AriError` and its kinds: what can go wrong
"""

from .doors.ari.client import AriClient
from .doors.ari.connection import Handler
from .doors.ari.operations.application import Application
from .doors.ari.operations.bridge import Bridge
from .doors.ari.operations.channel import Channel
from .doors.ari.operations.device_state import DeviceState
from .doors.ari.operations.endpoint import Endpoint
from .doors.ari.operations.live_recording import LiveRecording
from .doors.ari.operations.mailbox import Mailbox
from .doors.ari.operations.playback import Playback
from .doors.ari.operations.sound import Sound
from .doors.ari.operations.stored_recording import StoredRecording
from .doors.ari.websocket import Event
from .errors import AriConflictError, AriError, AriNotFoundError, AriRefusedError, AriUnavailableError
from .settings import AriServer, parse_ari
from .wire.ari_rest import Request, Response

__all__ = [
    "Application", "AriClient", "AriConflictError", "AriError", "AriNotFoundError", "AriRefusedError", "AriServer",
    "AriUnavailableError", "Bridge", "Channel", "DeviceState", "Endpoint", "Event", "Handler", "LiveRecording",
    "Mailbox", "Playback", "Request", "Response", "Sound", "StoredRecording", "parse_ari",
]  # fmt: skip
