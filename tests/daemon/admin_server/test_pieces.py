"""An import by way of the daemon: by people who have no password, beside calls, broken off and gone on with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.admin.asked import frame
from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.wire.caller_pieces import END, HEAD, MOST_BYTES, pieces
from tests.daemon.admin_server.conftest import Office, environment, python_of
from tests.daemon.admin_server.test_keeper import answers
from tests.daemon.admin_server.test_server import ANNA, question

Until = Callable[[Callable[[], Any]], None]

ROWS = 200_000
"""Seconds of work."""

MAP = ("--map", "number=Phone,name=Name,tag=Kind")


def stored(office: Office) -> int:
    return int(office.redis.command("DBSIZE").strip(b":\r\n"))


def outcomes(office: Office) -> list[tuple[str, str, str]]:
    return [(note.who, note.detail, note.outcome) for note in office.acts() if note.act == "caller import"]


@contextmanager
def importing(office: Office, rows: int = ROWS) -> Iterator[subprocess.Popen[str]]:
    """An admin's import of many callers, begun."""
    file = office.state_dir / "many.csv"
    file.write_text("Phone\n" + "".join(f"+421{250_000_000 + row}\n" for row in range(rows)))
    command = [*python_of("games"), "-m", "asterisk_router.daemon.main", "caller", "import", str(file)]
    told = environment(ASTERISK_ROUTER_STATE_DIR=str(office.state_dir))
    with subprocess.Popen([*command, "--map", "number=Phone"], cwd="/", env=told, stderr=-1, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_who_may_imports_without_a_password_and_it_is_one_act(office: Office) -> None:
    rows = f"Phone;Name;Kind\n{ANNA};Anna Nova;vip\ncall me;Nobody;vip\n+421255500101;Boris Toth;\n"
    said = office.command("games", "caller", "import", "-", *MAP, "--json", "-v", stdin=rows)
    plain = json.loads(said.stdout)
    assert (said.returncode, plain["saved"], plain["rejected"], plain["next_line"]) == (0, 2, 1, 5), said.stderr
    assert "done by the daemon of" in said.stderr and "as Eva Nagy (admin, uid 5" in said.stderr
    refused = office.command("bin", "caller", "import", "-", *MAP, stdin=rows)
    assert refused.returncode == 1 and "caller import takes an admin" in refused.stderr
    assert outcomes(office) == [("Eva Nagy", "", "allowed"), ("Ida Simko", "", "refused")]
    kept = office.send(question("caller export", key=ANNA))["done"]
    assert "Anna Nova" in json.dumps(kept)


def test_calls_and_other_acts_go_on_beside_it(office: Office, until: Until) -> None:
    answers(office, 5)
    calm = answers(office, what="nobody imports")
    begun = stored(office)
    with importing(office) as process:
        until(lambda: stored(office) > begun + 5_000)
        assert answers(office, what="an import at the admin socket") == calm
        assert "done" in office.send_as("bin", question())[0]
        assert "done" in office.send_as("games", question())[0], "another act of the one who imports"
        assert process.poll() is None, "it was over before"
    assert outcomes(office)[0] == ("Eva Nagy", "", "allowed")


def test_broken_off_it_says_where_to_go_on_and_is_recorded_as_failed(office: Office, until: Until) -> None:
    with importing(office) as process:
        until(lambda: stored(office) > 5_000)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 130 and "Traceback" not in said
    next_line = int(said.rpartition("--from-line ")[2])
    until(lambda: outcomes(office)[-1][2] == "failed")
    assert next_line - 2 <= stored(office) < ROWS
    few = "Phone\n" * (next_line - 1) + "+421905550123\n"
    went_on = office.command(
        "games", "caller", "import", "-", "--map", "number=Phone", "--from-line", str(next_line), stdin=few
    )
    assert went_on.returncode == 0, went_on.stderr
    assert outcomes(office)[-1] == ("Eva Nagy", f"from line {next_line}", "allowed")


def test_the_server_killed_under_it_is_told_with_where_to_go_on(office: Office, until: Until) -> None:
    with importing(office) as process:
        until(lambda: stored(office) > 5_000)
        (server,) = office.servers()
        os.kill(server, signal.SIGKILL)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 1 and "go on with --from-line" in said and "gave no answer" in said
    assert "done" in office.send(question())


SENT = Caller((ANNA,), "Anna")
APPROVED = Tag("competitor", set_by="x", approved_by="y", approved_at_s=1)


def piece_of(*callers: Caller) -> bytes:
    return b"".join(piece for _, piece in pieces(callers))


HOSTILE = {
    "an approval": piece_of(SENT._replace(tags=(APPROVED,))),
    "no name of a tag": piece_of(SENT._replace(tags=(Tag("VIP!"),))),
    "calls": piece_of(SENT._replace(history=History(1, 5, 5))),
    "no number": piece_of(SENT._replace(numbers=("{x} FLUSHALL\r\n",))),
    "too long": HEAD.pack(MOST_BYTES + 1),
    "no msgpack": HEAD.pack(9) + b"\xff" * 9,
    "another question": b'{"act": "x"}\n' * 9,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_no_import_holds_is_refused(quiet_office: Office, what: str) -> None:
    """Two people for a tag, and a record of every act, hold for whoever speaks to the socket without the command."""
    before = stored(quiet_office)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(str(quiet_office.socket))
        heard = peer.makefile()
        peer.sendall(frame.asked(frame.Question("caller import", "", "", {"from_line": 2})))
        assert json.loads(heard.readline()) == {"saved": 0}
        peer.sendall(HOSTILE[what])
        answer = json.loads(heard.readline())
    assert "fault" in answer and answer["fault"]["problem"] != "unforeseen fault", quiet_office.started[-1].log
    assert quiet_office.redis.command("EXISTS", f"router:caller:{{{ANNA}}}").strip() == b":0"
    assert stored(quiet_office) <= before + 1, "the record of acts alone"


def test_who_says_nothing_more_holds_up_nobody(office: Office) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(str(office.socket))
        peer.sendall(frame.asked(frame.Question("caller import", "", "", {"from_line": 2})))
        assert json.loads(peer.makefile().readline()) == {"saved": 0}
        begun_s = time.monotonic()
        assert "done" in office.send(question()), "the same user"
        assert time.monotonic() - begun_s < 20
        peer.sendall(END)
        assert json.loads(peer.makefile().readline())["done"] == {"saved": 0}
    assert Path(office.socket).exists()
