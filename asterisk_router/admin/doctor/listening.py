"""The door: who listens where Asterisk asks (/proc/net/tcp of proc(5))."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ...settings import Address
from .finding import Finding, green, red, yellow

PROC = Path("/proc")

_LISTENS = "0A"


class Listener(NamedTuple):
    """A socket that takes connections at the port."""

    host: str
    """The address it listens on."""
    owners: tuple[str, ...]
    """Command lines of the processes that hold it; none where we may not look."""


def listeners(port: int, proc: Path = PROC) -> list[Listener]:
    """Who listens on a TCP port of this machine."""
    found = []
    for name in ("net/tcp", "net/tcp6"):
        with suppress(OSError):
            for line in (proc / name).read_text().splitlines()[1:]:
                fields = line.split()
                address, _, number = fields[1].partition(":")
                if fields[3] == _LISTENS and int(number, 16) == port:
                    found.append(Listener(_address(address), tuple(_owners(proc, fields[9]))))
    return found


def about_door(listen: Address, found: list[Listener], ours: str = "asterisk-router") -> Iterator[Finding]:
    """Whether the daemon, or systemd for it, has the door, and nobody else can reach it."""
    if not found:
        remedy = "start it: systemctl start asterisk-router, or asterisk-router serve"
        yield red("port", f"nobody listens on {listen}: every call takes the default at once", remedy)
        return
    for each in found:
        strangers = [owner for owner in each.owners if ours not in owner and not _is_systemd(owner)]
        if strangers:
            said = f"{each.host}:{listen.port} belongs to another program: {strangers[0]}"
            yield red("port", said, "stop it, or give another port: --listen, and dialplan --ask")
        elif not each.owners:
            remedy = "run this as root, or as the daemon's user"
            yield yellow("port", f"{each.host}:{listen.port} is taken; who has it is not ours to see", remedy)
        else:
            yield green("port", f"{each.host}:{listen.port} is the daemon's")
        if not ipaddress.ip_address(each.host).is_loopback:
            remedy = "--listen 127.0.0.1:4573; for a PBX elsewhere --allow its address alone, and a firewall"
            yield yellow("port", f"{each.host} can be reached from other machines, and FastAGI has no password", remedy)


def _address(text: str) -> str:
    """The address in the hexadecimal words of /proc/net/tcp, each in the order of this machine's bytes."""
    words = [bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8)]
    return str(ipaddress.ip_address(b"".join(words)))


def _owners(proc: Path, inode: str) -> Iterator[str]:
    wanted = f"socket:[{inode}]"
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        with suppress(OSError):
            if any(os.readlink(held) == wanted for held in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().split(b"\0")
                yield " ".join(word.decode(errors="replace") for word in words if word)


def _is_systemd(command: str) -> bool:
    """Whether the socket is held for the daemon by systemd: kept for its next life, or made by a socket unit."""
    return command.split(" ")[0] in ("/sbin/init", "init") or "systemd" in command.split(" ")[0]
