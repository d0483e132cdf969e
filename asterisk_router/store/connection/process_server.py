"""Lets other processes of this user at the store in this process, so that `caller set` reaches a daemon without Redis.

Where there is no Redis program, whoever comes first keeps the store and listens where the embedded server would;
whoever comes later finds it there and speaks to it as to any Redis.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

import hiredis

from ...errors import StoreError
from .process_connection import ProcessConnection
from .redis_address import RedisAddress
from .resp_wire import Reply
from .server_probe import who_answers

READ_BYTES = 65_536


class ProcessServer:
    """The private socket of a store in a process."""

    def __init__(self, state_dir: Path, store: ProcessConnection) -> None:
        self.directory = state_dir / "redis"
        """Where the socket is; nobody else can enter."""
        self.address = RedisAddress(path=str(self.directory / "redis.sock"))
        """Where the store is reached."""
        self._store = store
        self._lock = -1
        self._server: asyncio.AbstractServer | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def open(self) -> bool:
        """Listen, if nobody keeps the store of this state directory yet; whether it is ours. Raises StoreError.

        Only for who stays, as the daemon does: the store ends with this process, whoever else has joined it.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.directory.chmod(0o700)
            self._lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if await self.is_kept():  # by a Redis server, whose program others find on their PATH
                await self.close()
                return False
            Path(self.address.path).unlink(missing_ok=True)  # of an owner that was killed
            self._server = await asyncio.start_unix_server(self._serve, self.address.path)
        except BlockingIOError:
            await self.close()
            return False
        except OSError as fault:
            await self.close()
            raise StoreError(
                f"the store in the process cannot be reached by others: {fault.strerror or fault}",
                where=str(self.directory),
                remedy="give a state directory that can be written, with a short path",
            ) from None
        return True

    async def is_kept(self) -> bool:
        """Whether anybody answers where the store is reached."""
        return await who_answers(self.address.path) is not None

    async def close(self) -> None:
        """Take no more commands and leave the place to others."""
        if self._server is not None:
            self._server.close()
            Path(self.address.path).unlink(missing_ok=True)
            self._server = None
        for client in self._clients:
            client.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        commands = hiredis.Reader()  # a command is written as a reply would be: a list of strings
        self._clients.add(writer)
        try:
            while data := await reader.read(READ_BYTES):
                commands.feed(data)
                replies = []
                while (command := commands.gets()) is not False:
                    replies.append(_written((await self._store.send([tuple(command)]))[0]))
                    await asyncio.sleep(0)  # a call may come first
                writer.write(b"".join(replies))
                await writer.drain()
        except (OSError, hiredis.ProtocolError, asyncio.CancelledError):
            pass  # the other is gone, or speaks something else, or we end: asyncio would print each of these
        finally:
            self._clients.discard(writer)
            writer.close()


def _written(reply: Reply) -> bytes:
    """A reply as RESP2 writes it."""
    if reply is None:
        return b"$-1\r\n"
    if isinstance(reply, StoreError):
        return b"-%b\r\n" % str(reply).replace("\r", " ").replace("\n", " ").encode()
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if isinstance(reply, Sequence) and not isinstance(reply, (bytes, str)):
        return b"*%d\r\n%b" % (len(reply), b"".join(map(_written, reply)))
    text = reply if isinstance(reply, bytes) else str(reply).encode()
    return b"$%d\r\n%b\r\n" % (len(text), text)
