"""The daemon as a process of its own, and a real Redis for it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.store.connection.embedded_server import EmbeddedServer

BLOCK = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()

START = """
import sys
from pathlib import Path
from asterisk_router.daemon.compose.daemon import serve
from asterisk_router.settings import Settings, parse_address, parse_ami, parse_ari, parse_clock
policy, redis, state, clock, shadow, ami, ari = sys.argv[1:]
settings = Settings(policy=policy, listen=parse_address("127.0.0.1:0"), redis=redis, state_dir=Path(state),
                    clock=parse_clock(clock) if clock else None, shadow=shadow,
                    ami=tuple(map(parse_ami, ami.split())), ari=tuple(map(parse_ari, ari.split())))
sys.exit(serve(settings))
"""


class Daemon:
    """One running daemon."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log = ""
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        assert process.stdout
        self.said = process.stdout.readline()
        self.port = int(self.said.split(":")[1].split()[0]) if "listening on" in self.said else 0

    def _read_log(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log += line

    def call(self, block: bytes = BLOCK, patience_s: float = 30) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience_s) as client:
            client.sendall(block)
            heard = b""
            while data := client.recv(65536):
                heard += data
        return heard

    def descriptors(self) -> list[str]:
        """What its open descriptors are, by kind."""
        folder = f"/proc/{self.process.pid}/fd"
        found = []
        for name in os.listdir(folder):
            with suppress(FileNotFoundError):  # closed since it was listed
                found.append(os.readlink(f"{folder}/{name}").split(":")[0])
        return sorted(found)

    def rss_kb(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/status").read_text().split("VmRSS:")[1].split()[0])

    def signal(self, sign: signal.Signals) -> None:
        self.process.send_signal(sign)

    def wait(self) -> int:
        code = self.process.wait(60)
        self._reader.join(60)
        return code

    def put_away(self) -> None:
        """When its test is over: wait for its end, and leave what it said to be shown where the test failed."""
        try:
            self.wait()
        finally:
            print(f"log of the daemon {self.process.pid}:\n{self.log}")
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Returns when the condition holds, and fails when it never does."""

    def until(true: Callable[[], Any]) -> None:
        for _ in range(1500):
            if true():
                return
            time.sleep(0.02)
        raise AssertionError("it never came true")

    return until


@pytest.fixture
def redis_socket(tmp_path: Path) -> Iterator[Path]:
    """A Redis server of this test on a unix socket."""
    with redis_server(tmp_path / "redis.sock", tmp_path):
        yield tmp_path / "redis.sock"


@contextmanager
def redis_server(path: Path, directory: Path) -> Iterator[None]:
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(3000):
            if path.is_socket():
                break
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Starts a Redis server at a path, later than the daemon."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(redis_server(path, tmp_path))


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """Starts daemons; ends those that still run."""
    started: list[Daemon] = []

    def start(
        policy: str | Path = "shop",
        redis: str = "embedded-process",
        clock: str = "",
        shadow: str | Path = "",
        ami: str = "",
        ari: str = "",
        before: str = "",
        port: int = 0,
    ) -> Daemon:
        """`before` is done in its process before it serves: what is made slow there is slow for real."""
        places = (redis, str(tmp_path / "state"), clock, str(shadow), ami, ari)
        process = subprocess.Popen(
            [sys.executable, "-c", before + START.replace("127.0.0.1:0", f"127.0.0.1:{port}"), str(policy), *places],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Daemon(process))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.put_away()
    asyncio.run(_stop_embedded_server(tmp_path / "state"))


async def _stop_embedded_server(state_dir: Path) -> None:
    """A server whose users were all killed is left running for the next one: be that, and leave."""
    if (state_dir / "redis" / "redis.sock").exists():
        server = EmbeddedServer(state_dir)
        await server.open()
        await server.close()
