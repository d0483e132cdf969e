"""The AGI script as Asterisk starts it: pipes for input and output, a real daemon's socket or none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "bin" / "asterisk-router-agi"
BLOCK = (Path(__file__).parents[1] / "recorded" / "script.agi").read_bytes()
ANSWER = b'SET VARIABLE ROUTER_BRANCH "sales"\nSET VARIABLE ROUTER_OK "1"\n'


def started(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-IS", str(SCRIPT), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@contextmanager
def daemon(path: Path, answer: bytes | None, heard: list[bytes]) -> Iterator[None]:
    """A listener that reads one block and answers it, or says nothing for ever."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                said = b""
                while not said.endswith(b"\n\n"):
                    said += connection.recv(65536)
                heard.append(said)
                if answer is None:
                    connection.recv(1)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(60)
        assert not thread.is_alive()


def test_the_block_goes_to_the_daemon_and_its_answer_to_asterisk(tmp_path: Path) -> None:
    heard: list[bytes] = []
    with daemon(tmp_path / "agi.sock", ANSWER, heard):
        script = started("num=1", str(tmp_path / "agi.sock"))
        said, complaints = script.communicate(BLOCK, timeout=60)
    assert (said, complaints, script.returncode) == (ANSWER, b"", 0)
    assert heard == [BLOCK]


def test_it_ends_its_output_and_goes_on_reading_replies(tmp_path: Path) -> None:
    with daemon(tmp_path / "agi.sock", ANSWER, []):
        script = started("num=1", ASTERISK_ROUTER_AGI_SOCKET=str(tmp_path / "agi.sock"))
        assert script.stdin
        assert script.stdout
        script.stdin.write(BLOCK)
        script.stdin.flush()
        assert script.stdout.read() == ANSWER, "the end of the output is what makes Asterisk carry out every line"
        script.stdin.write(b"200 result=1\n" * 2)
        script.stdin.close()
        assert script.wait(60) == 0


def test_without_a_daemon_it_ends_well_and_says_nothing(tmp_path: Path) -> None:
    script = started("num=1", str(tmp_path / "nobody.sock"))
    said, complaints = script.communicate(BLOCK, timeout=60)
    assert (said, complaints, script.returncode) == (b"", b"", 0)


def test_a_silent_daemon_or_a_silent_asterisk_does_not_hold_the_call(tmp_path: Path) -> None:
    with daemon(tmp_path / "agi.sock", None, []):
        script = started("num=1", str(tmp_path / "agi.sock"))
        said, complaints = script.communicate(BLOCK, timeout=60)
        assert (said, complaints, script.returncode) == (b"", b"", 0)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "other.sock"))
        listener.listen()
        script = started("num=1", str(tmp_path / "other.sock"))
        assert script.wait(60) == 0
        assert script.stdin
        script.stdin.close()


def test_half_a_block_is_handed_to_nobody(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "agi.sock"))
        listener.listen()
        script = started("num=1", str(tmp_path / "agi.sock"))
        said, complaints = script.communicate(BLOCK[:-1], timeout=60)
        assert (said, complaints, script.returncode) == (b"", b"", 0)
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(100) == b""


def test_a_person_gets_help() -> None:
    script = started("--help")
    said, _ = script.communicate(timeout=60)
    assert b"AGI(asterisk-router-agi,QUERY[,SOCKET])" in said


def test_no_module_of_the_library_or_ours_is_loaded() -> None:
    # time is money here: every import is a part of each call
    listed = subprocess.run(
        [sys.executable, "-IS", "-v", str(SCRIPT), "num=1", "/nowhere"], input=b"", capture_output=True, check=True
    ).stderr.decode()
    loaded = {line.split("'")[1] for line in listed.splitlines() if line.startswith("import '")}
    assert "socket" not in loaded
    assert "site" not in loaded
    assert not [name for name in loaded if name.startswith("asterisk")]
