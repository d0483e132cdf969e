"""One look at ARI: whether our user is let in, and whether somebody answers the application."""

from __future__ import annotations

import asyncio
import json
import ssl
from contextlib import suppress
from datetime import datetime
from time import time

from ...errors import AriError
from ...settings import AriServer
from ...wire.ari_rest import Request, part
from ...wire.seen_ari import SeenAri
from .http import PING, HttpPool

GLANCE_S = 5.0
"""How long Asterisk may take in all."""


async def look_at_ari(server: AriServer) -> SeenAri:
    """What ARI of `server` says to our user; one that is away, or lets nobody in, is seen as such, not raised."""
    pool = HttpPool(server, ssl.create_default_context() if server.tls else None)
    began_s = time()
    try:
        asked = [PING, Request("GET", f"/applications/{part(server.app)}")]
        pong, application = await asyncio.wait_for(pool.send(asked), GLANCE_S)
    except (AriError, OSError, asyncio.TimeoutError) as fault:
        return SeenAri(str(server), fault=str(fault) or f"does not answer within {GLANCE_S:.0f} s")
    finally:
        pool.close("looked at")
    if not pong.ok:
        return SeenAri(str(server), fault=f"{pong.status} {pong.reason}", refused=pong.status in (401, 403))
    at_s = None
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        at_s = datetime.strptime(json.loads(pong.body)["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    return SeenAri(str(server), answered=application.ok, at_s=at_s, asked_at_s=(began_s + time()) / 2)
