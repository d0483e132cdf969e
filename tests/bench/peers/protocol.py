"""The leanest server in pure Python: a bare asyncio protocol on uvloop that reads one line of the environment."""

from __future__ import annotations

import asyncio

import uvloop

from .job import Records, answer_for, arguments


class Call(asyncio.Protocol):
    """One call."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.heard = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if not self.heard.endswith(b"\n\n"):
            return
        start = self.heard.index(b"agi_network_script: ")
        script = self.heard[start : self.heard.index(b"\n", start)].decode()
        if self.records.given.redis:
            self.records.pipe.get(self.records.key(script), self.answer)
        else:
            self.answer(b"")

    def answer(self, record: bytes | None) -> None:
        """Answer once; the rest is drained by the loop."""
        self.heard = b""
        self.transport.write(answer_for(record))
        self.transport.write_eof()


async def serve() -> None:
    """Serve until killed."""
    given = arguments()
    records = Records(given)
    await records.connect()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Call(records), "127.0.0.1", given.port, backlog=4096)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(serve())
