"""The server most people would write: asyncio streams on uvloop, line by line, five variables in one write."""

from __future__ import annotations

import asyncio

import uvloop

from .job import Records, answer_for, arguments


async def serve() -> None:
    """Serve until killed."""
    given = arguments()
    records = Records(given)
    await records.connect()

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        environment: dict[str, str] = {}
        while (line := await reader.readline()) not in (b"\n", b""):
            name, _, value = line.decode("utf-8", "replace").rstrip("\n").partition(": ")
            environment[name] = value
        writer.write(answer_for(await records.find(environment["agi_network_script"])))
        writer.write_eof()
        await reader.read()  # drain to Asterisk's end
        writer.close()

    server = await asyncio.start_server(call, "127.0.0.1", given.port, backlog=4096)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(serve())
