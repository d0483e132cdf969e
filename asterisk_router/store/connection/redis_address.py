"""Where Redis is, out of a URL; the password is in here and never in a log or an error."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from ...errors import SettingsError

SCHEMES = {"redis": "tcp", "valkey": "tcp", "rediss": "tls", "valkeys": "tls", "unix": "unix"}
"""Scheme of the URL -> how the server is reached; Valkey speaks the same protocol."""

QUERY = ("db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
"""What may stand after the `?`, in redis-py's names."""

Place = tuple[str, int]
"""Which server it is: its host, or the path of its socket, and its port."""

EXAMPLES = (
    "use redis://HOST:6379/0, rediss://HOST:6379/0, unix:///run/redis/redis.sock?db=0, "
    "redis+sentinel://HOST:26379,HOST:26379/NAME or embedded"
)
"""Said to whoever gave a URL that is none."""


@dataclass(frozen=True)
class RedisAddress:
    """One server, and who we are to it; `str()` of it is fit for a log."""

    host: str = ""
    """Name or IP address; empty for a unix socket."""
    port: int = 6379
    """TCP port."""
    path: str = ""
    """Path of the unix socket; empty for TCP."""
    db: int = 0
    """Number of the database."""
    username: str = ""
    """User of the server's access list; empty for the default user."""
    password: str = field(default="", repr=False)
    """The password; empty for none."""
    tls: ssl.SSLContext | None = None
    """How the server is verified over TLS; None without TLS."""

    def __str__(self) -> str:
        place = f"unix://{self.path}" if self.path else f"{'rediss' if self.tls else 'redis'}://{self.host}:{self.port}"
        return f"{place} (database {self.db})" if self.db else place

    @property
    def greeting(self) -> list[tuple[str | int, ...]]:
        """The commands said first on every connection; the answer to the last proves that the server serves."""
        commands: list[tuple[str | int, ...]] = []
        if self.password:
            commands.append(("AUTH", self.username, self.password) if self.username else ("AUTH", self.password))
        if self.db:
            commands.append(("SELECT", self.db))
        return [*commands, ("PING",)]

    def unfit(self, replies: Sequence[object]) -> str:
        """Whoever serves at the address given is the one."""
        return ""

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> Place:
        """Open one connection; raises OSError (ssl.SSLError is one)."""
        loop = asyncio.get_running_loop()
        if self.path:
            await loop.create_unix_connection(protocol, self.path)
        else:
            await loop.create_connection(protocol, self.host, self.port, ssl=self.tls)
        return self.path or self.host, self.port

    async def left(self, place: Place) -> None:
        """Return when another server is to be used; here there is no other."""
        await asyncio.get_running_loop().create_future()


def parse_url(url: str) -> RedisAddress:
    """The address in `redis://`, `rediss://`, `unix://` (or `valkey://`, `valkeys://`); raises SettingsError.

    >>> str(parse_url("redis://me:secret@redis.example.com/3"))
    'redis://redis.example.com:6379 (database 3)'
    """
    scheme = url.partition("://")[0]
    try:
        parts = urlsplit(url)
        port = parts.port or 6379
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    except ValueError:
        raise SettingsError("the Redis URL is malformed", remedy=EXAMPLES) from None
    reached = SCHEMES.get(parts.scheme)
    if reached is None or "://" not in url:
        named = scheme if "://" in url and "@" not in scheme else "(none)"
        raise SettingsError(f"the Redis URL has the unknown scheme {named}", remedy=EXAMPLES)
    for name in query:
        if name not in QUERY:
            raise SettingsError(f"the Redis URL has the unknown option {name}", remedy=f"known are {', '.join(QUERY)}")
    path = unquote(parts.path)
    db = query.get("db") or ("" if reached == "unix" else path.strip("/")) or "0"
    if not (db.isascii() and db.isdigit()):
        raise SettingsError(f"the Redis URL has no database number but {db!r}", remedy=EXAMPLES)
    who = {"db": int(db), "username": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    if reached == "unix":
        if not path.startswith("/"):
            raise SettingsError("the Redis URL has no path of a socket", remedy=EXAMPLES)
        return RedisAddress(path=path, **who)  # type: ignore[arg-type]
    tls = _tls(query) if reached == "tls" else None
    return RedisAddress(host=parts.hostname or "localhost", port=port, tls=tls, **who)  # type: ignore[arg-type]


def _tls(query: dict[str, str]) -> ssl.SSLContext:
    """How the server is verified: by the system's authorities, or by `ssl_ca_certs`."""
    try:
        context = ssl.create_default_context(cafile=query.get("ssl_ca_certs"))
        if "ssl_certfile" in query:
            context.load_cert_chain(query["ssl_certfile"], query.get("ssl_keyfile"))
    except OSError as fault:
        raise SettingsError(f"a certificate named by the Redis URL cannot be read: {fault}") from None
    if query.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif query.get("ssl_check_hostname", "").lower() in ("false", "no", "0"):
        context.check_hostname = False
    return context
