"""The way to the daemon, from a command's side: nobody there, somebody else there, no answer, half an answer."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_router.admin.asked.frame import SOCKET, WHOAMI, Question, refused
from asterisk_router.admin.asked.way import ask, exchange
from asterisk_router.errors import NotAllowedError, RouterError

ASKED = Question(WHOAMI, "", "", {})
DONE = b'{"as": {"name": "eva", "role": "admin", "source": "uid 1"}, "done": null}\n'


@contextmanager
def answering(state_dir: Path, said: bytes) -> Iterator[None]:
    """Somebody who says the same to whoever asks, and closes."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(state_dir / SOCKET))
        listener.listen()

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(said)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield


def test_nobody_is_there(tmp_path: Path) -> None:
    assert ask(tmp_path, ASKED) is None
    assert ask(tmp_path / "none" / ("x" * 200), ASKED) is None, "no path of a socket"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET))
    assert ask(tmp_path, ASKED) is None, "left over"


def test_a_token_goes_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError, match="believed by the daemon alone"):
        ask(tmp_path, ASKED._replace(token="secret"))


def test_it_is_told_as_whom(tmp_path: Path) -> None:
    with answering(tmp_path, DONE):
        told = ask(tmp_path, ASKED)
    assert told is not None and (told.person.name, told.person.role, told.done) == ("eva", "admin", None)


CLOSED, UNREADABLE = "gave no answer, and closed", "gave no answer that can be read"
UNKNOWN = ", so it is not known whether that was done"


@pytest.mark.parametrize(
    ("said", "fault"), [(b"", CLOSED), (DONE[:20], UNREADABLE), (b"[]\n", UNREADABLE), (b"\xff\n", UNREADABLE)]
)
def test_no_answer_is_not_taken_for_one(tmp_path: Path, said: bytes, fault: str) -> None:
    with answering(tmp_path, said), pytest.raises(RouterError, match=fault + UNKNOWN):
        ask(tmp_path, ASKED, answer_s=60)


def test_who_does_not_answer_in_time_is_told_from_who_closes(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / SOCKET))
        listener.listen()
        with pytest.raises(RouterError, match="gave no answer within 0.2 s" + UNKNOWN):
            ask(tmp_path, ASKED, answer_s=0.2)


def test_who_is_turned_away_before_being_heard_is_told_why(tmp_path: Path) -> None:
    """The other end is closed already when the question is sent; what was said there is heard all the same."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(refused(None, RouterError("too many ask at once")))
        assert exchange(ours, tmp_path, b"{}\n")["fault"]["problem"] == "too many ask at once"


def test_who_listens_must_own_the_place(tmp_path: Path) -> None:
    """A token is shown to the daemon, and to nobody who got there before it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / SOCKET))
        os.seteuid(7)  # whose socket it is, is who listens
        try:
            listener.listen()
        finally:
            os.seteuid(0)
        with pytest.raises(NotAllowedError, match="uid 7 listens there"):
            ask(tmp_path, ASKED._replace(token="secret"))
