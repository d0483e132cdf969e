"""The way of an import to the daemon: a question, and after its first answer callers, piece by piece."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from ...wire.caller_pieces import END, pieces
from ..people.roles import Person
from . import frame, way

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ...callers.caller import Caller
    from .frame import Question


class DaemonCallers:
    """The callers of a daemon, for one import of them: its connection is the act, and who closes it breaks off."""

    def __init__(self, connection: socket.socket, path: Path) -> None:
        self._connection = connection
        self._path = path

    async def save_many(self, callers: Iterable[Caller]) -> int:
        """Store callers; returns how many when the daemon has. Raises the error it met, with part of them stored."""
        saved = 0
        for count, piece in pieces(list(callers)):
            self._say(piece)
            saved += count
        return saved

    def end(self) -> Person:
        """Say that no more follow; as whom it was done."""
        return Person(**self._say(END)["as"])

    def close(self) -> None:
        """Break off, or leave what has ended."""
        self._connection.close()

    def _say(self, said: bytes) -> dict[str, Any]:
        answer = way.exchange(self._connection, self._path, said)
        fault = frame.fault_of(answer)
        if fault is not None:
            raise fault
        return answer


def callers_of_daemon(state_dir: Path, question: Question) -> DaemonCallers | None:
    """Where the daemon of a state directory takes an import; None where none is there to ask, or it has another Redis.

    Raises NotAllowedError and what else it answers.
    """
    path = state_dir / frame.SOCKET
    connection = way.connected(path)
    if connection is None:
        way.check_token_stays(question, path)
        return None
    callers = DaemonCallers(connection, path)
    try:
        elsewhere = callers._say(frame.asked(question)).get("elsewhere")
        if elsewhere:
            way.check_token_stays(question, path)
    except BaseException:
        connection.close()
        raise
    if elsewhere:
        connection.close()
        return None
    return callers
