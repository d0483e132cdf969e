"""What a sysadmin can set on the daemon: one frozen record, every field with its reason."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from .callers.retention import Keep
from .errors import SettingsError

FASTAGI_PORT = 4573
"""The port of FastAGI (AGI_PORT in res_agi.c)."""

FASTEST_CLOCK = 86_400
"""A day in a second."""

WORKERS_MAX = 32
"""Most processes that answer: during a restart there is one more, and each has a journal folder of its own."""

LOG_LEVELS = ("debug", "info", "warning", "error")
"""How much the daemon says on standard error."""


class Address(NamedTuple):
    """Where the daemon listens."""

    host: str
    """An IP address; a name would make the start wait for a name server."""
    port: int
    """TCP port; 0 for any free one (the `listening` line tells which)."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read `HOST:PORT`, `[IPv6]:PORT` or `HOST`; raises SettingsError.

    >>> parse_address("[::1]:4573")
    Address(host='::1', port=4573)
    """
    remedy = "write HOST:PORT, for example 127.0.0.1:4573 or [::1]:4573"
    host, colon, port = text.strip().rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text.strip(), str(FASTAGI_PORT)
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or set(bare) & set("[]") or (":" in bare) != (bare != host):
        raise SettingsError(f"{text!r} is no address to listen on", remedy=remedy)
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise SettingsError(f"{port!r} is no port", where=text, remedy="a number from 0 to 65535")
    return Address(bare, int(port))


class Clock(NamedTuple):
    """A clock other than the real one, for demonstrations and trials: it stands at its start until the first call."""

    start_s: float
    """What it shows when the first call rings, in seconds since 1970 UTC."""
    speed: float
    """How many of its seconds go into a real one."""

    def at(self, elapsed_s: float) -> float:
        """What it shows so many real seconds after the first call."""
        return self.start_s + elapsed_s * self.speed

    def __str__(self) -> str:
        return f"{datetime.fromtimestamp(self.start_s, timezone.utc).isoformat()}@{self.speed:.12g}"


def parse_clock(text: str) -> Clock:
    """Read `START@SPEED`, or START alone for a clock as fast as the real one; raises SettingsError.

    >>> parse_clock("2026-11-23T07:00+01:00@3600")
    Clock(start_s=1795413600.0, speed=3600.0)
    """
    start, _, speed = text.strip().partition("@")
    try:
        clock = Clock(datetime.fromisoformat(start.replace("Z", "+00:00")).timestamp(), float(speed or 1))
        if not 0 <= clock.speed <= FASTEST_CLOCK:
            raise ValueError(f"a speed of {speed}")
    except ValueError:
        remedy = f"write START@SPEED, for example 2026-11-23T07:00+01:00@3600, SPEED from 0 to {FASTEST_CLOCK}"
        raise SettingsError(f"{text!r} is no clock", remedy=remedy) from None
    return clock


AMI_PORT = 5038
"""The port of Asterisk's manager interface (manager.conf)."""


class AmiServer(NamedTuple):
    """One PBX whose queues are followed over the manager interface."""

    name: str
    """What the PBX is called: the `systemname` of its asterisk.conf, or any word where there is only one."""
    host: str
    """Host name or IP address."""
    port: int
    """TCP port."""
    username: str
    """Section of manager.conf."""
    secret: str
    """Its secret; never shown."""
    tls: bool = False
    """Whether the connection is encrypted."""

    def __str__(self) -> str:
        return f"{self.name} ({self.username}@{self.host}:{self.port})"

    def __repr__(self) -> str:
        return f"AmiServer({self})"


def parse_ami(text: str) -> AmiServer:
    """Read `ami://USER:SECRET@HOST[:PORT][/NAME]`, or `amis://` for TLS; raises SettingsError without the secret.

    `?secret_file=PATH` in place of `:SECRET` reads it from a file, which keeps it out of process lists.

    >>> parse_ami("ami://router:s3cret@127.0.0.1/berlin").name
    'berlin'
    """
    remedy = "write ami://USER:SECRET@HOST:PORT/NAME, or ami://USER@HOST/NAME?secret_file=PATH"
    url, _, username, secret = _credentials(text, ("ami", "amis"), "AMI", remedy)
    name = url.path.strip("/") or "pbx"
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name):
        shown = f"{url.scheme}://{username}@{url.hostname}"
        raise SettingsError("an AMI address needs a simple name", where=shown, remedy=remedy)
    return AmiServer(name, url.hostname or "", url.port or AMI_PORT, username, secret, url.scheme == "amis")


ARI_PORT, ARIS_PORT = 8088, 8089
"""The ports of Asterisk's HTTP server (http.conf), plain and with TLS."""


class AriServer(NamedTuple):
    """One PBX that is spoken to over ARI."""

    host: str
    """Host name or IP address."""
    port: int
    """TCP port of Asterisk's HTTP server."""
    username: str
    """Section of ari.conf."""
    secret: str
    """Its password; never shown."""
    app: str = "router"
    """The Stasis application: the first argument of `Stasis()` in the dialplan."""
    tls: bool = False
    """Whether the connection is encrypted."""
    prefix: str = ""
    """What stands before `/ari` in every path (`prefix` in http.conf), with its slash; empty for nothing."""

    def __str__(self) -> str:
        return f"{self.app} ({self.username}@{self.host}:{self.port})"

    def __repr__(self) -> str:
        return f"AriServer({self})"


def parse_ari(text: str) -> AriServer:
    """Read `ari://USER:SECRET@HOST[:PORT][/APP]`, or `aris://` for TLS; raises SettingsError without the secret.

    `?secret_file=PATH` in place of `:SECRET` reads it from a file, which keeps it out of process lists;
    `?prefix=/PATH` for an Asterisk whose http.conf has one.

    >>> parse_ari("ari://router:s3cret@127.0.0.1/router").port
    8088
    """
    remedy = "write ari://USER:SECRET@HOST:PORT/APP, or ari://USER@HOST/APP?secret_file=PATH"
    url, options, username, secret = _credentials(text, ("ari", "aris"), "ARI", remedy)
    tls = url.scheme == "aris"
    app = url.path.strip("/") or "router"
    shown = f"{url.scheme}://{username}@{url.hostname}"
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", app) or ":" in username:
        raise SettingsError("an ARI address needs simple names of user and app", where=shown, remedy=remedy)
    prefix = f"/{options.get('prefix', '').strip('/')}".rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9_./-]*", prefix):
        raise SettingsError("the prefix of an ARI address is no path", where=shown, remedy=remedy)
    port = url.port or (ARIS_PORT if tls else ARI_PORT)
    return AriServer(url.hostname or "", port, username, secret, app, tls, prefix)


def _credentials(
    text: str, schemes: tuple[str, str], kind: str, remedy: str
) -> tuple[SplitResult, dict[str, str], str, str]:
    """The parts of an address with a user and a secret: URL, options of its query, user, secret."""
    try:
        url = urlsplit(text.strip())
        _ = url.port
    except ValueError:
        raise SettingsError(f"an {kind} address cannot be read", remedy=remedy) from None
    shown = f"{url.scheme}://{url.username or ''}@{url.hostname or ''}"
    if url.scheme not in schemes or not url.hostname or not url.username:
        raise SettingsError(f"an {kind} address needs a scheme, a user and a host", where=shown, remedy=remedy)
    secret = unquote(url.password or "")
    options = {name: values[0] for name, values in parse_qs(url.query).items()}
    if path := options.get("secret_file"):
        try:
            secret = Path(path).read_text("utf-8").strip()
        except (OSError, ValueError) as fault:
            why = getattr(fault, "strerror", "") or "not UTF-8"
            raise SettingsError(f"the secret cannot be read: {why}", where=path, remedy=remedy) from None
    if not secret:
        raise SettingsError(f"an {kind} address needs a secret", where=shown, remedy=remedy)
    return url, options, unquote(url.username), secret


def default_state_dir() -> Path:
    """Where the daemon keeps what outlives it: the system's place for root, the user's own otherwise.

    Raises SettingsError for a user who has no home.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/asterisk-router")
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    if home.startswith("~"):  # as it is where nobody knows
        remedy = "name a place: --state-dir DIR, or ASTERISK_ROUTER_STATE_DIR"
        raise SettingsError(f"user {os.geteuid()} has no home directory", remedy=remedy)
    return Path(home) / "asterisk-router"


@dataclass(frozen=True)
class Settings:
    """How one daemon runs; made by the command line, read by `daemon/compose`."""

    policy: str = "shop"
    """Policy file, or a shipped policy by name."""
    listen: Address = Address("127.0.0.1", FASTAGI_PORT)
    """Where Asterisk asks over FastAGI."""
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks whose hosts may ask: FastAGI has no password, and the answer commands the PBX."""
    redis: str = "embedded"
    """Redis URL of the caller book, or `embedded`."""
    state_dir: Path = field(default_factory=default_state_dir)
    """Where the embedded store and the socket of the AGI script are."""
    agi_socket: Path | None = None
    """Unix socket for the AGI script; None for `agi.sock` in `state_dir`."""
    deadline_ms: int = 50
    """Longest time for a decision; then the call is routed without its caller, degraded."""
    most_calls: int = 1000
    """Calls at hand at once; one more is accepted and closed, and goes to the default branch."""
    log_level: str = "info"
    """One of `LOG_LEVELS`."""
    ami: tuple[AmiServer, ...] = ()
    """PBXs whose queues are followed; without any, facts about queues are unknown."""
    ari: tuple[AriServer, ...] = ()
    """Stasis applications to answer, each of one PBX; without any, Asterisk asks over FastAGI or by the script."""
    spool_dir: Path | None = None
    """Where the dialplan writes down calls that ended while nobody answered it; None for nowhere."""
    clock: Clock | None = None
    """What schedules and histories go by in place of the real time, in demonstrations and trials only."""
    shadow: str = ""
    """Another policy that decides every call once more after its answer, and routes none; empty for none."""
    keep_calls_days: int = 0
    """How long the registry keeps a call; 0: the latest million records or so, whatever their age."""
    keep: Keep = Keep()
    """How long single fields are kept."""
    workers: int = 0
    """Processes that answer on the same sockets, kept by one more that answers nothing; 0: this process answers."""

    def __post_init__(self) -> None:
        try:
            ipaddress.ip_address(self.listen.host)
        except ValueError as fault:
            raise SettingsError(f"cannot listen there: {fault}", remedy="write 127.0.0.1:4573, no name") from None
        if not 0 <= self.workers <= WORKERS_MAX:
            raise SettingsError(f"{self.workers} workers cannot be had", remedy=f"0 to {WORKERS_MAX}")
        if self.log_level not in LOG_LEVELS:
            raise SettingsError(f"no log level {self.log_level!r}", remedy=f"one of: {', '.join(LOG_LEVELS)}")
        if not 10 <= self.deadline_ms <= 250:
            raise SettingsError(
                f"a deadline of {self.deadline_ms} ms cannot hold",
                remedy="10 to 250: the dialplan waits 300 ms for everything",
            )
        names = [server.name for server in self.ami]
        if twice := [name for name in names if names.count(name) > 1]:
            raise SettingsError(f"two PBXs are called {twice[0]!r}", remedy="end each AMI address with a name: /NAME")
        places = [(server.host, server.port, server.app) for server in self.ari]
        if len(set(places)) < len(places):
            raise SettingsError("an ARI application is given twice", remedy="one connection holds an application")
        if self.keep_calls_days < 0:
            raise SettingsError(f"calls cannot be kept for {self.keep_calls_days} days", remedy="0 or more")
        if self.most_calls < 1:
            raise SettingsError(f"{self.most_calls} calls at once is too few", remedy="1 or more")

    @property
    def script_socket(self) -> Path:
        """Where the AGI script asks."""
        return self.agi_socket or self.state_dir / "agi.sock"

    @property
    def admin_socket(self) -> Path:
        """Where people ask the daemon to act."""
        return self.state_dir / "admin.sock"
