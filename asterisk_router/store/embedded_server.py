"""The embedded default: a Redis server of our own on a private socket, for whoever has none to give."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path

from ..errors import StoreError, StoreUnavailableError
from .redis_address import RedisAddress
from .resp_connection import RespConnection

PROGRAMS = ("redis-server", "valkey-server")
"""Servers looked for on PATH, in this order."""

START_S = 15.0
"""How long the server may take to read what it has on disk."""

SOCKET_PATH_MAX = 107
"""Longest path of a unix socket (Linux, unix(7))."""


class EmbeddedServer:
    """One server per state directory: started by whoever comes first, joined by those who come later.

    Whoever holds the lock of the directory owns the server and stops it in the end. A server left running by an
    owner that was killed is taken over as it is.
    """

    def __init__(self, state_dir: Path) -> None:
        self.directory = state_dir / "redis"
        """Where the server keeps its socket and its data; nobody else can enter."""
        self.address = RedisAddress(path=str(self.directory / "redis.sock"))
        """Where the server listens."""
        self._lock = -1
        self._pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def program() -> str | None:
        """Path of the server program; None when this machine has none."""
        return next((path for name in PROGRAMS if (path := shutil.which(name))), None)

    async def open(self) -> None:
        """Start the server, or join the one that runs; raises StoreError when neither works."""
        if len(self.address.path) > SOCKET_PATH_MAX:
            raise StoreError("the path of the state directory is too long for a socket", where=str(self.directory))
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.directory.chmod(0o700)
            owner = self._take_lock()
        except OSError as fault:
            raise StoreError(
                f"the embedded store has no place: {fault.strerror}",
                where=str(self.directory),
                remedy="give a state directory that can be written, or a Redis URL",
            ) from None
        pid = await self._running()
        if owner and not pid:
            self._start()
        self._pid = pid if owner else 0
        if not pid:
            await self._wait_for_start()

    async def close(self) -> None:
        """Stop the server if it is ours, by its pid; it writes everything to disk first."""
        if self._process is not None:
            self._process.terminate()
            await asyncio.get_running_loop().run_in_executor(None, self._process.wait)
        elif self._pid:
            os.kill(self._pid, signal.SIGTERM)
            for _ in range(500):
                if not _is_alive(self._pid):
                    break
                await asyncio.sleep(0.01)
        self._process, self._pid = None, 0
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _take_lock(self) -> bool:
        self._lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = -1
            return False
        return True

    def _start(self) -> None:
        program = self.program()
        if program is None:
            raise StoreError(f"no {' or '.join(PROGRAMS)} on PATH", remedy="install one, or give a Redis URL")
        socket = Path(self.address.path)
        socket.unlink(missing_ok=True)  # nobody answered on it
        with open(self.directory / "redis.log", "ab") as log:
            self._process = subprocess.Popen(
                [program, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--daemonize", "no"]
                + ["--dir", str(self.directory), "--appendonly", "yes", "--save", "", "--logfile", ""],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop the server when all is written
            )

    async def _wait_for_start(self) -> None:
        """Until it answers; raises StoreUnavailableError when it ended or took too long."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + START_S
        while not await self._running():
            ended = self._process is not None and self._process.poll() is not None
            if ended or loop.time() > deadline_s:
                await self.close()
                raise StoreUnavailableError(
                    "the embedded Redis server did not start" if ended else "the embedded Redis server does not answer",
                    where=str(self.directory / "redis.log"),
                    remedy="read its log there, or give a Redis URL",
                )
            await asyncio.sleep(0.005)

    async def _running(self) -> int:
        """Pid of the server that answers on the socket; 0 when none does."""
        if not Path(self.address.path).exists():
            return 0
        connection = RespConnection(self.address, budget_s=1.0)
        try:
            await connection.open(wait_s=1.0)
            if not connection.connected:
                return 0
            info = (await connection.send([("INFO", "server")]))[0]
            lines = dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
            return int(lines["process_id"])
        except (StoreError, AttributeError, KeyError, ValueError):
            return 0
        finally:
            await connection.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
