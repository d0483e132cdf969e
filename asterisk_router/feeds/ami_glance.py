"""One look at a PBX over its manager interface: log in, read its queues and, where we may, its dialplan, leave."""

from __future__ import annotations

import asyncio
import ssl
from time import time
from typing import Any

from ..errors import AmiError
from ..queues.events import Event, LineListed
from ..queues.seen_pbx import SeenPbx
from ..settings import AmiServer
from ..wire.ami_dialplan import SHOW_DIALPLAN, is_forbidden
from ..wire.ami_rights import LIST_COMMANDS, PING, SeenManager, rights_of
from .ami_link import AmiLink

GLANCE_S = 6.0
"""How long a PBX that let us in may take to tell what is in its queues, and again for its dialplan."""

LOOK_S = 0.02
"""How often it is looked whether the dialplan is there."""


async def glance(server: AmiServer) -> SeenPbx:
    """What is in every queue of `server` now, and its extensions where the user may read them.

    Raises AmiError when it is away, refuses us or does not list its queues.
    """
    listed: asyncio.Future[LineListed] = asyncio.get_running_loop().create_future()
    link = AmiLink(server, _Listener(listed), time, ssl.create_default_context() if server.tls else None)
    gone: asyncio.Future[bool] = asyncio.ensure_future(link.gone.wait())
    try:
        await link.open()
        first: set[asyncio.Future[Any]] = {listed, gone}
        await asyncio.wait(first, timeout=GLANCE_S, return_when=asyncio.FIRST_COMPLETED)
        if not listed.done():
            remedy = "is app_queue loaded, and does the user of manager.conf have  read = agent ?"
            raise AmiError(link.why or "does not list its queues", where=str(server), remedy=remedy)
        return await _with_dialplan(SeenPbx(listed.result()), link)
    finally:
        gone.cancel()
        link.close()


async def look_at_rights(server: AmiServer) -> SeenManager:
    """What our user may do there, and what time it is there; raises AmiError when it is away or refuses us."""
    listed: asyncio.Future[LineListed] = asyncio.get_running_loop().create_future()
    link = AmiLink(server, _Listener(listed), time, ssl.create_default_context() if server.tls else None)
    try:
        await link.open()
        offered = await link.response_to(LIST_COMMANDS)
        began_s = time()
        clock = await link.response_to(PING)
        asked_at_s = (began_s + time()) / 2
    finally:
        link.close()
    told = str(clock.get("Timestamp", ""))
    at_s = float(told) if told.replace(".", "", 1).isdecimal() else None
    return SeenManager(rights_of({str(name): str(said) for name, said in offered.items()}), at_s, asked_at_s)


async def _with_dialplan(seen: SeenPbx, link: AmiLink) -> SeenPbx:
    """The same with the extensions of the PBX, or why they are not known."""
    answer, dialplan = await link.ask(SHOW_DIALPLAN), link.dialplan
    if is_forbidden(answer):
        return seen._replace(untold="its manager user has neither  write = reporting  nor  write = config")
    until_s = time() + GLANCE_S
    while answer.ok and not dialplan.complete and not link.why and time() < until_s:
        await asyncio.sleep(LOOK_S)
    if not dialplan.complete:
        return seen._replace(untold=link.why or (answer.ok and "the listing did not come to its end") or answer.said)
    return seen._replace(extensions=dialplan.extensions, includes=dialplan.includes)


class _Listener:
    """Waits for the first snapshot."""

    def __init__(self, listed: asyncio.Future[LineListed]) -> None:
        self._listed = listed

    def happened(self, event: Event, at_s: float) -> None:
        """Take the snapshot; what happens before and after it is nothing to us."""
        if isinstance(event, LineListed) and not self._listed.done():
            self._listed.set_result(event)

    def heard(self, at_s: float) -> None:
        """A sign of life says nothing about queues."""

    def lost(self, why: str) -> None:
        """Told by the link itself."""
