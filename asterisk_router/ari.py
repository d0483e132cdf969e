"""A Python client of ARI, Asterisk's REST interface.

    from asterisk_router.ari import AriClient, parse_ari

- `AriClient`: one Stasis application of one PBX: events, requests, reconnecting
- `AriServer`, `parse_ari`: where the PBX is
- `Request`, `Response`: what `AriClient.send` takes and gives
- `AriError` and its kinds: what can go wrong
"""

from .doors.ari.client import AriClient, Handler
from .doors.ari.websocket import Event
from .errors import AriConflictError, AriError, AriNotFoundError, AriRefusedError, AriUnavailableError
from .settings import AriServer, parse_ari
from .wire.ari_rest import Request, Response

__all__ = [
    "AriClient", "AriConflictError", "AriError", "AriNotFoundError", "AriRefusedError", "AriServer",
    "AriUnavailableError", "Event", "Handler", "Request", "Response", "parse_ari",
]  # fmt: skip
