"""The sockets a door listens on."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_router.doors.listeners import (
    MAY_BE_SHUT,
    inherited,
    is_at,
    is_at_path,
    listen_again,
    listen_tcp,
    listen_unix,
    port_keeper,
    shown,
)
from asterisk_router.errors import SettingsError
from tests.live.ports import free_port

TAKE = """
import os, sys
from asterisk_router.doors.listeners import inherited
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "agi"}
try:
    print(inherited().listeners[0].getsockname()[1], [name for name in os.environ if name.startswith("LISTEN_")])
except Exception as fault:
    print(type(fault).__name__, fault)
"""


TAKE_BOTH = """
import os, sys
from asterisk_router.doors.listeners import inherited
copies = [os.dup(int(each)) for each in sys.argv[1:3]]
for place, copy in enumerate(copies, 3):
    os.dup2(copy, place)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2", "LISTEN_FDNAMES": sys.argv[3]}
for sockets in inherited():
    print(*(each.getsockname()[1] for each in sockets))
"""


def test_a_taken_port_is_said_with_a_remedy() -> None:
    with listen_tcp("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1, port {port}") as refusal:
            listen_tcp("127.0.0.1", port)
        assert "--listen" in refusal.value.remedy


STEAL = """
import itertools, os, socket, sys
if not os.geteuid():
    os.setuid(65534)
for host, address_again, port_again in itertools.product((sys.argv[1], ""), (0, 1), (0, 1)):
    thief = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
    thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, address_again)
    # who is of our own user can share the port by this, and could as well end us
    thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, port_again and int(sys.argv[3]))
    try:
        thief.bind((host, int(sys.argv[2])))
        thief.listen()
        print("taken", host, address_again, port_again)
    except OSError:
        pass
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0"])
def test_a_door_that_is_shut_for_a_moment_keeps_its_port_and_opens_again(host: str) -> None:
    with listen_tcp(host, 0) as listener:
        port = listener.getsockname()[1]
        keeper = port_keeper(listener)
        assert keeper is not None
        there = "127.0.0.1" if host == "0.0.0.0" else host
        with keeper, socket.create_connection((there, port)) as caller, socket.create_connection((there, port)) as last:
            listener.setblocking(True)
            at_hand, _ = listener.accept()
            listener.shutdown(socket.SHUT_RD)
            with pytest.raises(ConnectionResetError):
                last.recv(1)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((there, port))
            root = os.geteuid() == 0  # then the thief is somebody else
            steal = [sys.executable, "-c", STEAL, host, str(port), str(int(root))]
            assert subprocess.run(steal, capture_output=True, text=True, check=True).stdout == ""
            with pytest.raises(SettingsError):
                listen_tcp(host, port)
            listener.listen()
            with at_hand, socket.create_connection((there, port)):
                at_hand.sendall(b"x")
                assert caller.recv(1) == b"x", "who was taken before it was shut is served"


def test_a_place_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    with listen_tcp("::1", 0) as six, listen_unix(tmp_path / "agi.sock") as unix:
        port = six.getsockname()[1]
        assert is_at(six, "0:0::1", port) and is_at(six, "::1", 0)
        assert not (is_at(six, "::", port) or is_at(six, "::1", port - 1) or is_at(unix, "::1", port))
        assert is_at_path(unix, tmp_path / "agi.sock")
        assert not (is_at_path(unix, tmp_path / "other.sock") or is_at_path(six, tmp_path / "agi.sock"))
        (tmp_path / "agi.sock").unlink()
        assert not is_at_path(unix, tmp_path / "agi.sock"), "nobody reaches it"


def test_an_open_door_keeps_who_waits_when_it_is_left_to_the_next(tmp_path: Path) -> None:
    with listen_tcp("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as caller:
        listen_again(listener)
        listener.setblocking(True)
        taken_in, _ = listener.accept()
        with taken_in:
            taken_in.sendall(b"x")
        assert caller.recv(1) == b"x"


def test_a_daemon_starts_where_another_has_just_ended(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(3):
        with listen_tcp("127.0.0.1", port) as listener:
            keeper = port_keeper(listener)
            assert keeper is not None
            with keeper, socket.create_connection(listener.getsockname()) as caller:
                listener.setblocking(True)
                ours, _ = listener.accept()
                ours.shutdown(socket.SHUT_WR)  # first, as the pump does: the kernel remembers the connection here
                caller.close()
                ours.close()


def test_a_port_that_others_hold_is_not_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as others:
        assert port_keeper(others) is None, "a socket handed over"


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


def test_a_worker_takes_a_socket_that_another_has_shut_for_a_moment() -> None:
    names = ["kept-open", MAY_BE_SHUT]
    with listen_tcp("127.0.0.1", 0) as open_one, listen_tcp("127.0.0.1", 0) as shut:
        shut.shutdown(socket.SHUT_RD)
        handing = (str(open_one.fileno()), str(shut.fileno()), ":".join(names))
        fds = [open_one.fileno(), shut.fileno()]
        command = [sys.executable, "-c", TAKE_BOTH, *handing]
        said = subprocess.run(command, pass_fds=fds, capture_output=True, text=True, check=True).stdout
        assert said.split() == [str(open_one.getsockname()[1]), str(shut.getsockname()[1]), str(shut.getsockname()[1])]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["not listening", "datagrams"])
def test_any_other_descriptor_is_refused_with_a_remedy(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        said = taken(other.fileno())
    assert said.startswith("SettingsError") and "ListenStream=" in said


def test_what_is_meant_for_another_process_is_left_alone() -> None:
    assert inherited({"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid() + 1)}).listeners == []
    assert inherited({"LISTEN_FDS": "two", "LISTEN_PID": str(os.getpid())}).listeners == []


def test_places_are_shown_as_people_write_them() -> None:
    with listen_tcp("127.0.0.1", 0) as four, listen_tcp("::1", 0) as six:
        assert shown([four, six]) == f"127.0.0.1:{four.getsockname()[1]} and [::1]:{six.getsockname()[1]}"
