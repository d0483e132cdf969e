"""A daemon of a user of its own, on a Redis whose password it alone has, and people who are other users."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.admin.asked import frame
from asterisk_router.daemon.compose.daemon import open_shared
from asterisk_router.wire.act_record import ActNote, decode
from tests.daemon.conftest import START, Daemon
from tests.live.redis_server import RedisServer

PACKAGE = Path(__file__).parents[3]
"""Where every user finds the package."""

PASSWORD = "known-to-the-daemon-alone"

PEOPLE = """\
[users.games]
person = "Eva Nagy"
role = "admin"
[users.bin]
person = "Ida Simko"
role = "supervisor"
[users.sys]
person = "Hugo Polak"
role = "agent"
[users.man]
role = "viewer"
"""
"""`lp` is not named, and `daemon` owns the state directory."""

SENDER = """
import socket, sys
for question in sys.argv[2:]:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(sys.argv[1])
        peer.sendall(question.encode())
        print(peer.makefile().readline(), end='', flush=True)
"""

LISTENS = "00010000"
"""The flags of a listening socket in /proc/net/unix (`__SO_ACCEPTCON` of linux/net.h)."""

Said = subprocess.CompletedProcess[str]


class Office:
    """The state directory of a daemon, with everybody who asks it."""

    def __init__(self, redis: RedisServer) -> None:
        self.redis = redis
        self.state_dir = Path(tempfile.mkdtemp(prefix="ar-admin-"))
        self.state_dir.chmod(0o755)
        shutil.chown(self.state_dir, "daemon", "daemon")
        (self.state_dir / "people.toml").write_text(PEOPLE)
        self.started: list[Daemon] = []

    @property
    def socket(self) -> Path:
        return self.state_dir / frame.SOCKET

    def serve(self, workers: int = 0, policy: str = "shop", shadow: str = "") -> Daemon:
        """Start a daemon, of so many workers or one process, and return when it answers calls."""
        command = [
            *python_of("daemon"),
            "-c",
            START,
            policy,
            self.redis.tcp_url,
            str(self.state_dir),
            "",
            shadow,
            "",
            "",
        ]
        if workers:
            command[command.index("-c") :] = ["-m", "asterisk_router.daemon.main", "serve", "--listen", "127.0.0.1:0"]
            command += ["--policy", "shop", "--redis", self.redis.tcp_url, "--workers", str(workers)]
            command += ["--state-dir", str(self.state_dir)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/", env=environment()
        )
        self.started.append(Daemon(process))
        assert self.started[-1].port, self.started[-1].log
        return self.started[-1]

    def answers(self) -> bool:
        """Whether somebody listens (a socket has its name before that), without asking: that starts a process."""
        sockets = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
        return any(each[3] == LISTENS and each[7:] == [str(self.socket)] for each in sockets)

    def command(self, account: str, *arguments: str, token: str = "", stdin: str = "") -> Said:
        """Give a command as a user of the machine."""
        command = [*python_of(account), "-m", "asterisk_router.daemon.main", *arguments]
        told = environment(ASTERISK_ROUTER_STATE_DIR=str(self.state_dir), ASTERISK_ROUTER_TOKEN=token)
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, cwd="/", env=told, timeout=100, check=False
        )

    def send_as(self, account: str, *questions: bytes) -> list[dict[str, Any]]:
        """Say each of these as a user of the machine, as fast as one process can; the answers."""
        command = [*python_of(account), "-S", "-c", SENDER, str(self.socket), *map(bytes.decode, questions)]
        said = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=100, check=True)
        return [json.loads(line) for line in said.stdout.splitlines()]

    def send(self, said: bytes, patience_s: float = 20) -> dict[str, Any]:
        """Say something at the socket as root, and hear the answer; empty where there is none."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(patience_s)
            peer.connect(str(self.socket))
            try:
                peer.sendall(said)
                heard = b""
                while data := peer.recv(65536):
                    heard += data
            except ConnectionError:
                return {}
        return dict(json.loads(heard)) if heard else {}

    def acts(self) -> list[ActNote]:
        """The record, as who has the password reads it."""

        async def read() -> list[ActNote]:
            async with open_shared(self.redis.tcp_url, self.state_dir) as shared:
                return [decode(line).note for line in await shared.acts.lines()]

        return asyncio.run(read())

    def servers(self) -> list[int]:
        """The processes in which the daemon that was started last answers."""
        tasks = Path(f"/proc/{self.started[-1].process.pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]

    def close(self) -> None:
        for one in self.started:
            if one.process.poll() is None:
                one.process.kill()
            one.put_away()
        shutil.rmtree(self.state_dir)


def python_of(account: str) -> list[str]:
    """Begins a command of a user of the machine. The tests' Python may lie in a home, so each may read every file."""
    who, read = pwd.getpwnam(account), "+dac_read_search"
    become = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
    return [*become, f"--inh-caps={read}", f"--ambient-caps={read}", sys.executable]


def environment(**more: str) -> dict[str, str]:
    """What a process of any user is started with."""
    return {"PATH": os.environ["PATH"], "HOME": "/", "PYTHONPATH": str(PACKAGE), "COLUMNS": "200", **more}


@pytest.fixture(scope="module")
def guarded_redis() -> Iterator[RedisServer]:
    server = RedisServer(PASSWORD).start()
    yield server
    server.stop()


@pytest.fixture
def empty_office(guarded_redis: RedisServer) -> Iterator[Office]:
    """An office in which no daemon runs yet."""
    guarded_redis.command("FLUSHALL")
    office = Office(guarded_redis)
    yield office
    office.close()


@pytest.fixture
def office(empty_office: Office, until: Callable[[Callable[[], Any]], None]) -> Office:
    """An office with a daemon that can be asked."""
    empty_office.serve()
    until(empty_office.answers)
    return empty_office


@pytest.fixture(scope="module")
def quiet_office() -> Iterator[Office]:
    """An office of many tests, in which nothing is done."""
    redis = RedisServer(PASSWORD).start()
    office = Office(redis)
    try:
        office.serve()
        while not office.answers():
            time.sleep(0.02)
        yield office
    finally:
        office.close()
        redis.stop()
