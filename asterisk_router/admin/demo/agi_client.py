"""The side of Asterisk in one FastAGI conversation, as res_agi.c holds it."""

from __future__ import annotations

import socket
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


def ask(address: Address, call: IncomingCall) -> Answer:
    """Ask the daemon about one call; an answer without the sentinel when it refuses, fails or is too late."""
    block = environment(address, call)
    commands = b""
    started_ns = time.perf_counter_ns()
    took_ns = 0
    try:
        with socket.create_connection(address, PATIENCE_S) as connection:
            connection.sendall(block)
            while received := connection.recv(ANSWER_BYTES_MOST):
                commands += received
            took_ns = time.perf_counter_ns() - started_ns
            connection.sendall(b"200 result=1\n" * commands.count(b"\n") + b"HANGUP\n")
    except OSError:  # whatever came until then is judged as the dialplan would: by the sentinel
        took_ns = took_ns or time.perf_counter_ns() - started_ns
    return Answer(_variables(commands.decode("utf-8", "replace")), took_ns / 1000)


def _variables(commands: str) -> dict[str, str]:
    """What the commands set; the router writes no quote and no backslash into a value."""
    variables = {}
    for line in commands.splitlines():
        if line.startswith("SET VARIABLE "):
            name, _, value = line[len("SET VARIABLE ") :].partition(" ")
            variables[name] = value.strip('"')
    return variables


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
