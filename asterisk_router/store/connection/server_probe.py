"""Who answers on a private socket, asked quietly: a connection for work would log what is only a question."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

PATIENCE_S = 1.0
"""How long a server may take to say who it is; one that is busy or frozen is there all the same."""

_QUESTION = b"*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n*1\r\n$4\r\nPING\r\n"
_PID = b"\r\nprocess_id:"


class Answering(NamedTuple):
    """Somebody who listens."""

    pid: int
    """Of a Redis server; 0 for the store in a process, and for whoever is too busy to say."""
    ready: bool
    """Whether it carries commands out: a server that still reads its file does not."""


async def who_answers(path: str) -> Answering | None:
    """Who listens on a unix socket; None when nobody does."""
    if not Path(path).exists():
        return None
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return None  # left over by somebody who was killed
    said = b""
    try:
        writer.write(_QUESTION)
        while not _is_whole(said) and (data := await asyncio.wait_for(reader.read(65_536), PATIENCE_S)):
            said += data
    except (OSError, asyncio.TimeoutError, TimeoutError):
        pass  # it listens, and that is all it lets us know
    finally:
        writer.close()
    pid = said.partition(_PID)[2].partition(b"\r\n")[0]
    return Answering(int(pid) if pid.isdigit() else 0, b"PONG\r\n" in said)


def _is_whole(said: bytes) -> bool:
    """Whether both replies are there; the second is `PONG` in any form, or a refusal on a line of its own."""
    return said.endswith(b"PONG\r\n") or said.endswith(b"\r\n") and b"\r\n-" in said
