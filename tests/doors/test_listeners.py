"""The sockets a door listens on."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_router.doors.listeners import inherited, listen_tcp, listen_unix, shown
from asterisk_router.errors import SettingsError

TAKE = """
import os, sys
from asterisk_router.doors.listeners import inherited
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "agi"}
try:
    print(inherited()[0].getsockname()[1], [name for name in os.environ if name.startswith("LISTEN_")])
except Exception as fault:
    print(type(fault).__name__, fault)
"""


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


def taken(descriptor: int) -> str:
    command = [sys.executable, "-c", TAKE, str(descriptor)]
    return subprocess.run(command, pass_fds=[descriptor], capture_output=True, text=True, check=True).stdout


def test_a_listening_socket_is_taken_and_told_to_no_child() -> None:
    with listen_tcp("127.0.0.1", 0) as listener:
        assert taken(listener.fileno()) == f"{listener.getsockname()[1]} []\n"


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["not listening", "datagrams"])
def test_any_other_descriptor_is_refused_with_a_remedy(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        said = taken(other.fileno())
    assert said.startswith("SettingsError") and "ListenStream=" in said


def test_what_is_meant_for_another_process_is_left_alone() -> None:
    assert inherited({"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid() + 1)}) == []
    assert inherited({"LISTEN_FDS": "two", "LISTEN_PID": str(os.getpid())}) == []


def test_places_are_shown_as_people_write_them() -> None:
    with listen_tcp("127.0.0.1", 0) as four, listen_tcp("::1", 0) as six:
        assert shown([four, six]) == f"127.0.0.1:{four.getsockname()[1]} and [::1]:{six.getsockname()[1]}"
