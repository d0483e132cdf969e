"""The side of Asterisk in one FastAGI conversation, as res_agi.c holds it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from ...wire.channel_variables import SENTINEL
from ...wire.incoming_call import QUERY_NAMES

if TYPE_CHECKING:
    from ...settings import Address
    from ...wire.incoming_call import IncomingCall

ANSWER_BYTES_MOST = 65_536
"""More than any answer can be."""

PATIENCE_S = 5.0
"""When the demo gives a call up; a dialplan does so after 0.3 s, but this machine may be small and busy."""


class Answer(NamedTuple):
    """What the daemon set on the channel."""

    variables: dict[str, str]
    """Channel variables in the order they were set."""
    took_us: float
    """From connecting until the last command had arrived, in microseconds."""

    @property
    def complete(self) -> bool:
        """Whether the sentinel came, without which the dialplan believes nothing."""
        return self.variables.get(SENTINEL) == "1"


async def ask(address: Address, call: IncomingCall) -> Answer:
    """Ask the daemon about one call; an answer without the sentinel when it refuses, fails or is too late."""
    started_ns = time.perf_counter_ns()
    variables: dict[str, str] = {}
    try:
        commands = await asyncio.wait_for(_converse(address, environment(address, call)), PATIENCE_S)
    except (OSError, asyncio.TimeoutError):
        commands = b""
    took_us = (time.perf_counter_ns() - started_ns) / 1000
    for line in commands.decode("utf-8", "replace").splitlines():
        if line.startswith("SET VARIABLE "):
            name, _, value = line[len("SET VARIABLE ") :].partition(" ")
            variables[name] = value.strip('"')
    return Answer(variables, took_us)


def environment(address: Address, call: IncomingCall) -> bytes:
    """The block Asterisk sends first: its keys in its order (res_agi.c, setup_env), what it lacks as `unknown`."""
    query = "&".join(f"{name}={quote(getattr(call, field), safe='')}" for name, field in QUERY_NAMES.items())
    lines = {
        "network": "yes",
        "network_script": f"route?{query}",
        "request": f"agi://{address}/route?{query}",
        "channel": call.channel,
        "language": call.language or "en",
        "type": "PJSIP",
        "uniqueid": call.uniqueid,
        "version": "22.10.1",
        "callerid": call.caller_number or "unknown",
        "calleridname": call.caller_name or "unknown",
        "callingpres": "67" if call.presentation else "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": call.called_number or "unknown",
        "rdnis": "unknown",
        "context": "from-trunk",
        "extension": call.called_number,
        "priority": "1",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "140000000000000",
    }
    return "".join(f"agi_{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"


async def _converse(address: Address, block: bytes) -> bytes:
    """Send the block, take commands until the daemon has said all, answer each, say HANGUP and close."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(block)
        commands = await reader.read(ANSWER_BYTES_MOST)
        while not reader.at_eof():
            commands += await reader.read(ANSWER_BYTES_MOST)
        writer.write(b"200 result=1\n" * commands.count(b"\n") + b"HANGUP\n")
        await writer.drain()
    finally:
        writer.close()
    return commands
