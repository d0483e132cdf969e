"""A real Redis server for tests: on a free port, over TLS and on a unix socket, in a directory of its own.

Started with its own signals blocked out of ours, stopped by its pid, and it can be killed, frozen and brought
back on the same addresses, which is what the tests are about.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.ports import free_port

START_S = 60.0
"""How long a server may take to answer."""


class RedisServer:
    """One server; `tcp_url`, `tls_url` and `unix_url` lead to the same data."""

    def __init__(self, password: str = "", options: tuple[str, ...] = ()) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="ar-redis-"))
        self.socket = self.directory / "redis.sock"
        self.port, self.tls_port = free_port(), free_port()
        self.password = password
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        _make_certificate(self.directory)

    @property
    def tcp_url(self) -> str:
        return f"redis://{self._user}127.0.0.1:{self.port}/0"

    @property
    def tls_url(self) -> str:
        return f"rediss://{self._user}127.0.0.1:{self.tls_port}/0?ssl_ca_certs={self.directory}/tls.crt"

    @property
    def unix_url(self) -> str:
        return f"unix://{self._user}{self.socket}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def _user(self) -> str:
        return f":{self.password}@" if self.password else ""

    def start(self) -> RedisServer:
        """Start, and return when it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory)]
        command += ["--unixsocket", str(self.socket), "--save", "", "--appendonly", "yes", "--appendfsync", "no"]
        command += ["--tls-port", str(self.tls_port), "--tls-auth-clients", "no"]
        command += ["--tls-cert-file", str(self.directory / "tls.crt")]
        command += ["--tls-key-file", str(self.directory / "tls.key")]
        command += ["--tls-ca-cert-file", str(self.directory / "tls.crt")]
        if self.password:
            command += ["--requirepass", self.password]
        with open(self.directory / "redis.log", "ab") as log:
            self._process = subprocess.Popen([*command, *self._options], stdout=log, stderr=log, start_new_session=True)
        deadline_s = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"redis-server did not start: {(self.directory / 'redis.log').read_text()[-2000:]}")
            time.sleep(0.005)
        return self

    def _answers(self) -> bool:
        try:
            return self.command("PING").startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def command(self, *words: str | bytes | int) -> bytes:
        """The beginning of what the server says to one command (64 KB at most), for looking at it from outside."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(START_S)
            line.connect(str(self.socket))
            texts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
            ask = b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%b\r\n" % (len(text), text) for text in texts)
            if self.password and words[0] != "PING":
                login = self.password.encode()
                line.sendall(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%b\r\n" % (len(login), login))
                line.recv(64)
            line.sendall(ask)
            return line.recv(1 << 16)

    def freeze(self) -> None:
        """Stop it where it is; connections stay open and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it and remove its directory."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_redis_server() -> Iterator[RedisServer]:
    """One server for the whole run; take `redis_server`, which empties it first."""
    server = RedisServer().start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(shared_redis_server: RedisServer) -> RedisServer:
    """A running, empty Redis server."""
    shared_redis_server.command("FLUSHALL")
    return shared_redis_server


def _make_certificate(directory: Path) -> None:
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", names, "-keyout", "tls.key", "-out", "tls.crt"]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
