"""The sockets a door listens on."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from asterisk_router.doors.listeners import listen_tcp, listen_unix
from asterisk_router.errors import SettingsError


def test_a_taken_port_is_said_with_a_remedy() -> None:
    with listen_tcp("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1, port {port}") as refusal:
            listen_tcp("127.0.0.1", port)
        assert "--listen" in refusal.value.remedy


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        listen_tcp("192.0.2.1", 0)


def test_a_dead_daemons_socket_is_replaced_and_a_living_ones_is_not(tmp_path: Path) -> None:
    path = tmp_path / "state" / "agi.sock"
    listen_unix(path).close()
    with listen_unix(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o666, "Asterisk runs as a user of its own"
        with pytest.raises(SettingsError, match=r"agi\.sock"):
            listen_unix(path)
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "agi.sock"
    path.write_text("somebody's")
    with pytest.raises(SettingsError):
        listen_unix(path)
    assert path.read_text() == "somebody's"
