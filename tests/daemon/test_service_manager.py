"""What the daemon says to whoever started it, heard by a real socket; and sockets that it inherits."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router.daemon.service_manager import ServiceManager

from .conftest import Daemon
from .steady_calls import BLOCK, SENTINEL

HAND_OVER = """
import fcntl, os, sys
descriptors = [int(number) for number in sys.argv[1].split(",")]
copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10) for descriptor in descriptors]
for place, copy in enumerate(copies, 3):
    os.dup2(copy, place)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(descriptors)), "WATCHDOG_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""
"""What a service manager does before it runs a service."""


class Manager:
    """A service manager of this test: one TCP and one unix socket to inherit, one to be told at."""

    def __init__(self, place: Path) -> None:
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(place / "notify"))
        self.told.settimeout(60)
        self.tcp = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.tcp.getsockname()[1]
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(place / "given.sock"))
        self.unix.listen(64)
        self._place = place
        self.daemons: list[Daemon] = []

    def start(self, *options: str) -> Daemon:
        """Start a daemon as a service."""
        command = [sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--redis"]
        command += ["embedded-process", "--state-dir", str(self._place / "state"), "--policy", "shop", *options]
        handed = [self.tcp.fileno(), self.unix.fileno()]
        process = subprocess.Popen(
            [sys.executable, "-c", HAND_OVER, ",".join(map(str, handed)), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=handed,
            env=os.environ | {"NOTIFY_SOCKET": str(self._place / "notify"), "WATCHDOG_USEC": "400000"},
        )
        self.daemons.append(Daemon(process))
        return self.daemons[-1]

    def hears(self, word: str) -> str:
        """Wait until a message with `word` comes; returns it."""
        while True:
            said = self.told.recv(4096).decode()
            if word in said:
                return said


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path)
    yield manager
    for one in manager.daemons:
        one.process.kill()
        one.put_away()
    for opened in (manager.told, manager.tcp, manager.unix):
        opened.close()


def ask(family: socket.AddressFamily, place: object) -> bytes:
    heard = b""
    with socket.socket(family) as client:
        client.settimeout(60)
        client.connect(place)
        client.sendall(BLOCK)
        while data := client.recv(65536):
            heard += data
    return heard


def test_it_answers_on_what_it_inherits_says_how_it_is_and_leaves_the_sockets_open(manager, tmp_path: Path) -> None:
    router = manager.start()
    assert router.said == f"asterisk-router listening on 127.0.0.1:{manager.port} and {tmp_path / 'given.sock'}\n"
    assert "STATUS=0 calls answered" in manager.hears("READY=1")
    assert not (tmp_path / "state" / "agi.sock").exists()
    assert ask(socket.AF_INET, ("127.0.0.1", manager.port)).endswith(SENTINEL)
    assert ask(socket.AF_UNIX, str(tmp_path / "given.sock")).endswith(SENTINEL)
    assert "STATUS=2 calls answered" in manager.hears("STATUS=2")
    assert "MONOTONIC_USEC=" in (router.signal(signal.SIGHUP), manager.hears("RELOADING=1"))[1]
    manager.hears("READY=1")
    router.signal(signal.SIGTERM)
    manager.hears("STOPPING=1")
    assert router.wait() == 0
    assert (tmp_path / "given.sock").is_socket()


def test_who_calls_between_two_daemons_is_answered_by_the_next(manager) -> None:
    first = manager.start()
    manager.hears("READY=1")
    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    heard: list[bytes] = []
    calling = threading.Thread(target=lambda: heard.append(ask(socket.AF_INET, ("127.0.0.1", manager.port))))
    calling.start()
    manager.start()
    calling.join(60)
    assert heard and heard[0].endswith(SENTINEL)


def test_a_frozen_daemon_feeds_no_watchdog(manager) -> None:
    router = manager.start()
    for _ in range(3):
        manager.hears("WATCHDOG=1")
    router.signal(signal.SIGSTOP)
    manager.told.settimeout(1)
    with pytest.raises(TimeoutError):
        while True:  # what was said before it froze
            manager.told.recv(4096)


def test_a_manager_that_is_gone_or_reads_nothing_holds_nobody_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = tmp_path / "notify"
    speaking = ServiceManager({"NOTIFY_SOCKET": str(address)})
    speaking.ready("nobody listens")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(address))
        began_s = time.monotonic()
        for _ in range(2000):
            speaking.alive("its buffer is full long ago")
        with socket.create_server(("127.0.0.1", 0)) as ours:
            assert not speaking.keep("own-tcp", ours)
        assert time.monotonic() - began_s < 60
    assert "the service manager was not told FDSTORE=1 FDNAME=own-tcp" in caplog.text


def test_only_who_is_asked_to_feeds_a_watchdog() -> None:
    environment = {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid() + 1), "OTHER": ""}
    assert ServiceManager(environment).beat_s == 0
    assert environment == {"OTHER": ""}, "no child of ours speaks in our name"
    assert ServiceManager({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "3000000"}).beat_s == 1.5
    assert ServiceManager({"WATCHDOG_USEC": "3000000"}).beat_s == 0
