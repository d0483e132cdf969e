"""A wire between the daemon and the manager interface that can be cut, or freeze as if a firewall had forgotten it."""

from __future__ import annotations

import asyncio
import time


class Relay:
    """Passes bytes both ways between its own `port` and that of Asterisk."""

    def __init__(self) -> None:
        self.port = 0
        self.passed_s = 0.0
        """When bytes last went through towards the daemon, in seconds since 1970 UTC."""
        self._open = asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._links: set[asyncio.Task[None]] = set()

    async def start(self, to_port: int) -> None:
        """Listen."""
        self._to_port = to_port
        self._open.set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut everything and listen no more."""
        self._server.close()
        self.thaw()
        self.cut()
        await asyncio.gather(*self._links, return_exceptions=True)

    def freeze(self) -> None:
        """Pass nothing on any more, and close nothing."""
        self._open.clear()

    def thaw(self) -> None:
        """Pass everything on, what was held back first."""
        self._open.set()

    def cut(self) -> None:
        """Reset every connection."""
        for end in self._ends:
            end.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back, to_daemon=False), self._pass(there, writer, to_daemon=True))
        except OSError:
            pass
        finally:
            self._ends -= {writer, back}
            writer.transport.abort()
            back.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, to_daemon: bool) -> None:
        while piece := await source.read(65536):
            await self._open.wait()
            if to_daemon:
                self.passed_s = time.time()
            target.write(piece)
            await target.drain()
        target.transport.abort()
