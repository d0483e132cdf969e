"""asyncari (the last release on PyPI) doing the work of the Stasis door, but for the decision: it says what it is told.

`python -m tests.bench.peers.asyncari_stasis PORT SECRET FILE`: calls of `asyncari-each` get a request a variable, as
its users write it; those of `asyncari-piece` the same in one piece, as ours do.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import anyio
import asyncari
from asyncari.model import Channel

from asterisk_router.wire.ari_answer import PIECE, in_one_piece

EACH, PIECES = "asyncari-each", "asyncari-piece"


async def main(port: str, secret: str, said: str) -> None:
    """Answer until ended."""
    variables: dict[str, str] = json.loads(Path(said).read_text())

    async def answer(client: asyncari.Client, channel: Channel, app: str) -> None:
        if app == EACH:
            for name, value in variables.items():
                await channel.setChannelVar(variable=name, value=value)
        else:
            piece = in_one_piece(variables)
            await client.asterisk.setGlobalVar(variable=PIECE + channel.id, value=piece)
        await channel.continueInDialplan()

    async with (
        asyncari.connect(f"http://127.0.0.1:{port}/", f"{EACH},{PIECES}", "router", secret) as client,
        client.on_channel_event("StasisStart") as started,
    ):
        async for channels, event in started:
            client.taskgroup.start_soon(answer, client, channels["channel"], event["application"])


if __name__ == "__main__":
    anyio.run(main, *sys.argv[1:])
