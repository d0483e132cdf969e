from __future__ import annotations

import os
import socket
from pathlib import Path

from asterisk_router.admin.doctor.listening import Listener, about_door, listeners
from asterisk_router.settings import Address

DOOR = Address("127.0.0.1", 4573)


def test_who_listens_is_read_from_the_kernel() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = listeners(port)
        assert [each.host for each in found] == ["127.0.0.1"]
        mine = Path(f"/proc/{os.getpid()}/cmdline").read_bytes().split(b"\0")[0].decode()
        assert any(owner.startswith(mine) for owner in found[0].owners)
    assert listeners(port) == []


def test_an_address_of_ipv6_is_read_too(tmp_path: Path) -> None:
    line = "   0: 00000000000000000000000001000000:11DD 0:0000 0A 0:0 0:0 0 0 0 4711 1"
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp6").write_text(f"  sl  local_address\n{line}\n")
    assert [each.host for each in listeners(4573, tmp_path)] == ["::1"]


def test_nobody_a_stranger_and_the_daemon() -> None:
    def states(*found: Listener) -> list[str]:
        return [each.state for each in about_door(DOOR, list(found))]

    assert states() == ["red"]
    assert states(Listener("127.0.0.1", ("python -m agi.server",))) == ["red"]
    assert states(Listener("127.0.0.1", ())) == ["yellow"]
    ours = "/opt/asterisk-router/bin/asterisk-router serve"
    assert states(Listener("127.0.0.1", ("/sbin/init", ours))) == ["green"]
    assert states(Listener("0.0.0.0", (ours,))) == ["green", "yellow"]
