"""The embedded default: a Redis server of our own on a private socket, for whoever has none to give."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import StoreError, StoreUnavailableError
from ..tenancy import GLANCE_S, STOP_S, Tenancy
from .redis_address import RedisAddress
from .server_probe import who_answers

PROGRAMS = ("redis-server", "valkey-server")
"""Servers looked for on PATH, in this order."""

START_S = 15.0
"""How long the server may take to listen; it reads what it has on disk afterwards."""

SOCKET_PATH_MAX = 107
"""Longest path of a unix socket (Linux, unix(7))."""


class EmbeddedServer:
    """One server per state directory: started by whoever comes first, stopped by whoever leaves last.

    A server left running by users who were all killed is taken over as it is.
    """

    def __init__(self, state_dir: Path) -> None:
        self.directory = state_dir / "redis"
        """Where the server keeps its socket and its data; nobody else can enter."""
        self.address = RedisAddress(path=str(self.directory / "redis.sock"))
        """Where the server listens."""
        self._tenancy = Tenancy(self.directory)
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def program() -> str | None:
        """Path of the server program; None when this machine has none."""
        return next((path for name in PROGRAMS if (path := shutil.which(name))), None)

    async def open(self, wait_s: float = START_S) -> None:
        """Join the server that runs, or start one; raises StoreError when neither works.

        A server that still reads its file is waited for at most `wait_s`, and finishes while others go on.
        """
        if len(self.address.path) > SOCKET_PATH_MAX:
            raise StoreError("the path of the state directory is too long for a socket", where=str(self.directory))
        await self._tenancy.enter()
        try:
            await self._served()
            await self._loaded(wait_s)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Leave; if nobody else uses the server it is stopped, and writes everything to disk first."""
        if not self._tenancy.leave():
            return
        try:
            await self._stop()
        finally:
            self._tenancy.left()

    async def _served(self) -> None:
        """Return when somebody listens, started by us if need be; raises StoreError when nobody comes to."""
        deadline_s = asyncio.get_running_loop().time() + START_S
        while await who_answers(self.address.path) is None:
            with self._tenancy.starting() as for_us:
                if for_us and await who_answers(self.address.path) is None:
                    await self._start(deadline_s)
            await self._glance(deadline_s)

    async def _loaded(self, wait_s: float) -> None:
        """Return when the server has read its file, or after `wait_s`: it finishes by itself."""
        deadline_s = asyncio.get_running_loop().time() + wait_s
        while (answering := await who_answers(self.address.path)) and not answering.ready:
            if asyncio.get_running_loop().time() > deadline_s:
                return
            await asyncio.sleep(GLANCE_S)

    async def _glance(self, deadline_s: float) -> None:
        """Wait before looking again; raises StoreUnavailableError after the deadline."""
        if asyncio.get_running_loop().time() > deadline_s:
            raise self._silent("does not answer")
        await asyncio.sleep(GLANCE_S)

    async def _start(self, deadline_s: float) -> None:
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
                start_new_session=True,  # Ctrl-C is for us; whoever leaves last stops the server
                **_as_owner_of(self.directory),
            )
        while await who_answers(self.address.path) is None:
            if self._process.poll() is not None:
                raise self._silent("did not start")
            await self._glance(deadline_s)

    async def _stop(self) -> None:
        """By its pid, whoever started it; it removes its socket when everything is written."""
        answering = await who_answers(self.address.path)
        if answering and answering.pid:
            with suppress(ProcessLookupError):
                os.kill(answering.pid, signal.SIGTERM)
            for _ in range(round(STOP_S / GLANCE_S)):
                if not Path(self.address.path).exists():
                    break
                await asyncio.sleep(GLANCE_S)
        if self._process is not None:
            self._process.terminate()
            await asyncio.get_running_loop().run_in_executor(None, self._process.wait)
            self._process = None

    def _silent(self, what: str) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"the embedded Redis server {what}",
            where=str(self.directory / "redis.log"),
            remedy="read its log there, or give a Redis URL",
        )


def _as_owner_of(directory: Path) -> dict[str, Any]:
    """As whom root starts the server: as the service, so that it finds nothing there which it cannot write."""
    if os.geteuid() != 0:
        return {}
    found = directory.stat()
    return {"user": found.st_uid, "group": found.st_gid, "extra_groups": ()}
