"""In the router's place, one that says what the test wants said: garbage, nothing, or a certain branch.

It tests the dialplan alone. What the real router answers is tested with the real router.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

Query = dict[str, str]


def set_variables(**variables: str) -> bytes:
    """Return a whole answer that sets those variables, sentinel last."""
    lines = [f'SET VARIABLE {name} "{value}"\n' for name, value in {**variables, "ROUTER_OK": "1"}.items()]
    return "".join(lines).encode()


@contextmanager
def scripted_router(port: int, said: Callable[[Query], bytes], then_silent: bool = False) -> Iterator[list[Query]]:
    """Answer every call with what `said` makes of its query, and close unless `then_silent`; yields the queries."""
    held: list[socket.socket] = []
    queries: list[Query] = []

    def answer_one(connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as lines:
                environment = [line for line in iter(lines.readline, b"\n") if line]
        except OSError:  # the test is over
            return
        script = next((line for line in environment if line.startswith(b"agi_network_script: ")), b"")
        queries.append(dict(parse_qsl(script.decode().strip().partition("?")[2])))
        connection.sendall(said(queries[-1]))
        if not then_silent:
            connection.close()

    def serve() -> None:
        while True:
            try:
                held.append(listener.accept()[0])
            except OSError:
                return
            threading.Thread(target=answer_one, args=(held[-1],), daemon=True).start()

    with socket.create_server(("127.0.0.1", port), backlog=200) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield queries
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()
