"""Where Redis is when Sentinels say so: whoever is the master now, asked anew for every connection.

A failover cuts the connections of clients: Sentinel does it where it demotes a master, and a master that is gone does
it by itself. So the next connection asks, and finds the new one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from ...errors import SettingsError, StoreError, StoreUnavailableError
from .redis_address import Place, RedisAddress, parse_url
from .resp_wire import Reply, RespWire, answers

SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
"""Scheme of the URL -> that of every server behind it, the Sentinels too."""

SENTINEL_PORT = 26379
"""Where a Sentinel listens when no port is given."""

ASK_S = 0.5
"""How long a Sentinel may take to name the master."""

LOOK_S = 1.0
"""How often they are asked whether it is still the one."""

REMEDY = "use redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379/NAME/DB, NAME as in `sentinel monitor NAME`"
"""Said to whoever gave a URL that is none."""


@dataclass(frozen=True)
class SentinelAddress:
    """One name that several Sentinels watch over; `str()` of it is fit for a log."""

    sentinels: tuple[RedisAddress, ...]
    """Who is asked, all at once."""
    name: str
    """What they call the master."""
    server: RedisAddress
    """Who we are to the master, and how it is reached; its place is theirs to say."""

    def __str__(self) -> str:
        return f"{self.name} of {', '.join(f'{each.host}:{each.port}' for each in self.sentinels)}"

    @property
    def password(self) -> str:
        """The password that no log may hold."""
        return self.server.password

    @property
    def greeting(self) -> list[tuple[str | int, ...]]:
        """The commands said first on every connection; the answer to the last tells whether it is the master."""
        return [*self.server.greeting, ("ROLE",)]

    def unfit(self, replies: Sequence[Reply]) -> str:
        """Why a server that greeted us so is not the one (Sentinels may name an old one for a while); else empty."""
        role = replies[-1][0] if type(replies[-1]) is list and replies[-1] else b"nobody"
        return "" if role == b"master" else f"who is named by Sentinel is {role.decode(errors='replace')}, not master"

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> Place:
        """Open one connection to the master of now; raises OSError, StoreUnavailableError when nobody names one."""
        named = await asyncio.gather(*(self._asked(sentinel) for sentinel in self.sentinels))
        places = Counter(place for place in named if isinstance(place, tuple))
        if not places:
            raise StoreUnavailableError("; ".join(sorted({str(why) for why in named})))
        place = places.most_common(1)[0][0]  # a Sentinel cut off from the others may not know the new one yet
        await replace(self.server, host=place[0], port=place[1]).connect(protocol)
        return place

    async def left(self, place: Place) -> None:
        """Return when most Sentinels name another master: the old one goes on for seconds after a change by hand."""
        others = 0
        while others <= len(self.sentinels) // 2:
            await asyncio.sleep(LOOK_S)
            named = await asyncio.gather(*(self._asked(sentinel) for sentinel in self.sentinels))
            others = sum(isinstance(each, tuple) and each != place for each in named)

    async def _asked(self, sentinel: RedisAddress) -> Place | str:
        """Host and port of the master by one Sentinel, or why it does not say."""
        wire = RespWire(ASK_S)
        commands = [*sentinel.greeting, ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name)]
        try:
            await asyncio.wait_for(sentinel.connect(lambda: wire), ASK_S)
            reply = (await asyncio.wait_for(answers(wire, commands), ASK_S))[-1]
        except (asyncio.TimeoutError, TimeoutError):
            return f"Sentinel {sentinel.host}:{sentinel.port} does not answer"
        except OSError as fault:
            return f"cannot connect to Sentinel {sentinel.host}:{sentinel.port}: {fault.strerror or fault}"
        except StoreError as fault:
            return f"Sentinel {sentinel.host}:{sentinel.port}: {fault.problem}"
        finally:
            wire.abort(StoreUnavailableError("asked"))
        if isinstance(reply, StoreError):
            return f"Sentinel {sentinel.host}:{sentinel.port} refused us: {reply.problem.split(' ')[0]}"
        if not (type(reply) is list and len(reply) == 2 and reply[1].isdigit()):
            return f"Sentinel {sentinel.host}:{sentinel.port} knows no master called {self.name}"
        return reply[0].decode(errors="replace"), int(reply[1])


def parse_sentinel(url: str) -> SentinelAddress:
    """The address in `redis+sentinel://` or `rediss+sentinel://`; raises SettingsError.

    `?sentinel_username=` and `?sentinel_password=` are for the Sentinels, everything else is for the master.

    >>> str(parse_sentinel("redis+sentinel://:secret@10.0.0.1:26379,10.0.0.2/callers/3"))
    'callers of 10.0.0.1:26379, 10.0.0.2:26379'
    """
    called, _, rest = url.partition("://")
    scheme = SCHEMES[called]
    # by hand: some Pythons take several hosts in brackets for a malformed one (3.11.2 of Debian 12 does)
    place, slash, rest = rest.partition("/")
    parts = urlsplit(slash + rest)
    who, _, hosts = place.rpartition("@")
    name, _, db = parts.path.strip("/").partition("/")
    if not name or "/" in db or not all(hosts.split(",")):
        raise SettingsError("the Redis URL names no Sentinels, or no master", remedy=REMEDY)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    username, password = query.pop("sentinel_username", ""), query.pop("sentinel_password", "")
    options = f"?{urlencode(query)}" if query else ""
    server = parse_url(f"{scheme}://{who}@sentinel/{db}{options}" if who else f"{scheme}://sentinel/{db}{options}")
    servers = [parse_url(f"{scheme}://{host}") for host in hosts.split(",")]
    sentinels = tuple(
        RedisAddress(
            host=each.host,
            port=each.port if host.rpartition(":")[2].isdigit() and not host.endswith("]") else SENTINEL_PORT,
            username=username,
            password=password,
            tls=server.tls,
        )
        for host, each in zip(hosts.split(","), servers, strict=True)
    )
    return SentinelAddress(sentinels, name, server)
