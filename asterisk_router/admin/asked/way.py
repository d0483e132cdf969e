"""The way of a command to the daemon: its admin socket, where one answers."""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import NotAllowedError, RouterError
from ..people.roles import Person
from . import frame

if TYPE_CHECKING:
    from pathlib import Path

    from .frame import Question

CONNECT_S = 2.0
"""How long a daemon that has no room for one more peer is waited for."""

ANSWER_S = 105.0
"""How long an act is waited for: the daemon's own limits (5 s to ask, 30 for one's turn, 60 for the act), and some."""

MOST_ANSWER_BYTES = 256 * 1024 * 1024
"""The longest answer: everything that is kept of one caller."""

UCRED = struct.Struct("iII")
"""struct ucred of unix(7): process, user and group at the other end."""


class Told(NamedTuple):
    """What the daemon answered."""

    person: Person
    """As whom it knows who asked."""
    done: Any
    """What the act returned."""


def ask(state_dir: Path, question: Question, answer_s: float = ANSWER_S) -> Told | None:
    """Have the daemon of a state directory do something; None where none is there to ask, or it has another Redis.

    Raises the error the act met; RouterError where no answer came, for then nobody here knows whether it was done.
    """
    path = state_dir / frame.SOCKET
    answer: dict[str, Any] = {"elsewhere": True}
    connection = connected(path)
    if connection is not None:
        with connection:
            answer = exchange(connection, path, frame.asked(question), answer_s)
    if answer.get("elsewhere"):
        check_token_stays(question, path)
        return None
    fault = frame.fault_of(answer)
    if fault is not None:
        raise fault
    return Told(Person(**answer["as"]), answer["done"])


def connected(path: Path) -> socket.socket | None:
    """A connection to whoever listens there and may; None where nobody does, or we may not ask.

    Raises RouterError where no more peers are taken, NotAllowedError where somebody else listens.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _reaches(connection, path):
            _check_owner(connection, path)
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def check_token_stays(question: Question, path: Path) -> None:
    """Raise NotAllowedError where a token would have to be believed by anybody but the daemon."""
    if question.token:
        raise NotAllowedError(
            "a token is believed by the daemon alone, and none answers", where=str(path),
            remedy="start asterisk-router serve, name its --state-dir, and no other --redis than its own",
        )  # fmt: skip


def _reaches(connection: socket.socket, path: Path) -> bool:
    """Whether somebody listens there, and we may ask; raises RouterError where no more peers are taken."""
    connection.settimeout(CONNECT_S)
    try:
        connection.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError, PermissionError, NotADirectoryError):
        return False
    except OSError as fault:
        if fault.errno is None and not isinstance(fault, TimeoutError):  # a path too long for any socket
            return False
        said = f"the daemon takes no more questions: {fault.strerror or fault}"
        raise RouterError(said, where=str(path)) from None
    return True


def _check_owner(connection: socket.socket, path: Path) -> None:
    """Raise NotAllowedError unless root or the owner of the directory listens there: a token is not for others."""
    _, uid, _ = UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size))
    if uid not in (0, os.stat(path.parent).st_uid):
        raise NotAllowedError(
            f"uid {uid} listens there, who does not own the directory", where=str(path), remedy=f"remove {path}"
        )


def exchange(connection: socket.socket, path: Path, question: bytes, answer_s: float = ANSWER_S) -> dict[str, Any]:
    """Say something and hear one line of JSON; raises RouterError where none came."""
    until_s = time.monotonic() + answer_s
    said = bytearray()
    missing = "gave no answer, and closed"
    try:
        connection.settimeout(answer_s)
        with suppress(BrokenPipeError):  # it may have said why it does not listen
            connection.sendall(question)
        while not said.endswith(b"\n") and len(said) < MOST_ANSWER_BYTES:
            connection.settimeout(max(0.001, until_s - time.monotonic()))
            part = connection.recv(1 << 16)
            if not part:
                break
            said += part
        missing = "gave no answer that can be read" if said else missing
        answer = json.loads(said)
        if isinstance(answer, dict):
            return answer
    except TimeoutError:
        missing = f"gave no answer within {answer_s:g} s"
    except OSError as fault:
        missing = f"gave no answer: {fault.strerror or fault}"
    except ValueError:
        pass
    raise RouterError(
        f"the daemon {missing}, so it is not known whether that was done", where=str(path),
        remedy="asterisk-router acts list says what was begun; then give the command again",
    )  # fmt: skip
