"""panoramisk's FastAGI server, on the loop its users run it on.

It waits for ever, at full speed, on a connection that ends before its environment does: the load generator
always sends the whole block. Favours done to it: one write where its `send_command` waits for every reply,
and a route table that looks before the query, without which a URL with values finds no route at all.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from panoramisk import fast_agi  # type: ignore[import-untyped]

from .job import Records, answer_for, arguments


class RoutesBeforeQuery(OrderedDict[str, Any]):
    """panoramisk's route table, asked without the URL's query."""

    def get(self, script: str, default: Any = None) -> Any:
        """The endpoint of the script, whatever its query."""
        return super().get(script.partition("?")[0], default)


async def serve() -> None:
    """Serve until killed."""
    given = arguments()
    records = Records(given)
    await records.connect()

    async def route(request: fast_agi.Request) -> None:
        request.writer.write(answer_for(await records.find(request.headers["agi_network_script"])))

    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application._route = RoutesBeforeQuery()
    application.add_route("route", route)
    server = await asyncio.start_server(application.handler, "127.0.0.1", given.port, backlog=4096)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
