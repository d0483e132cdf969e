"""What the Asterisk at the other end can do: asked of it, not read out of its version alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ...errors import AriError, AriUnavailableError
from ...wire.ari_rest import NO_SUCH_RESOURCE, Request, Response, checked
from .http import PING

PROBE_S = 1.0
"""How long an Asterisk that can answer a frame may take for it."""

INFO = Request("GET", "/asterisk/info", {"only": "system"})
VARIABLES = Request("GET", "/channels/-/variables", {"variables": "A"})
CLAIM = Request("POST", "/events/claim")


class Abilities(NamedTuple):
    """What is different from release to release."""

    version: str = ""
    """E.g. `22.10.1`; what the distribution adds is cut off."""
    sets_many_variables: bool = False
    """Several variables in one request: 20.20, 22.10, 23.4."""
    broadcasts: bool = False
    """StasisBroadcast() and `POST /events/claim`: 20.20, 22.10, 23.4."""


class Sends(Protocol):
    """A way requests go."""

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Send them together."""


async def asked(http: Sends, where: str) -> Abilities:
    """Ask over HTTP: version, and whether two paths are known. Raises AriError when this is no usable ARI."""
    try:
        info, variables, claim = await http.send([INFO, VARIABLES, CLAIM])
        system = checked(INFO, info)["system"]
        version = str(system["version"])
    except AriUnavailableError:
        raise
    except AriError as fault:
        remedy = fault.remedy
        if fault.status == 404:
            remedy = "enabled = yes in ari.conf and res_ari loaded? (prefix in http.conf goes into the address)"
        raise type(fault)(fault.problem, status=fault.status, where=where, remedy=remedy) from None
    except (KeyError, TypeError):
        raise AriError("answers, but not as Asterisk does", where=where, remedy="is this the right port?") from None
    known = [NO_SUCH_RESOURCE.encode() not in answer.body for answer in (variables, claim)]
    return Abilities(_release(version), *known)


async def takes_frames(socket: Sends) -> bool:
    """Whether a request as a frame is answered; one that cannot leaves it unanswered."""
    probe = socket.send([PING])
    try:
        await asyncio.wait({probe}, timeout=PROBE_S)
        return probe.done() and probe.exception() is None and probe.result()[0].ok
    finally:
        probe.cancel()


def _release(version: str) -> str:
    """`22.10.1` out of `22.10.1+dfsg+~cs6.17-1` or `16.28.0~dfsg-0+deb11u4`; others, `GIT-master-1a2b`, as they are."""
    digits = version
    for mark in "+~-":
        digits = digits.partition(mark)[0]
    return digits if digits[:1].isdigit() else version
