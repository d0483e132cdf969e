"""Acts at the daemon's socket, by real users of the machine: who they are is the kernel's word."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from asterisk_router.admin.asked import frame
from asterisk_router.admin.asked.callers import TagAdd
from asterisk_router.admin.asked.way import ANSWER_S
from asterisk_router.admin.people.people_file import read_people
from asterisk_router.admin.people.tokens import add_token
from asterisk_router.daemon.admin_server.pieces import ArrivingPieces
from asterisk_router.daemon.admin_server.server import (
    ACT_S,
    MOST_OF_ONE,
    QUESTION_S,
    REFUSALS,
    TURN_S,
    AdminServer,
    Peer,
)
from asterisk_router.doors.listeners import listen_unix
from asterisk_router.policy.load import EXAMPLES
from asterisk_router.store.caller_erasure import HEARD_S, REWRITTEN_S
from tests.daemon.admin_server.conftest import PEOPLE, SENDER, Office, python_of

if TYPE_CHECKING:
    from asterisk_router.admin.asked.wish import ActContext

Until = Callable[[Callable[[], Any]], None]

ANNA = "+421255500100"
NAMES = {"games": "Eva Nagy", "bin": "Ida Simko", "sys": "Hugo Polak", "man": "man", "lp": "lp"}
ALLOWED = {"decoy on": {"games"}, "tag add": {"games", "bin"}, "callbacks open": {"games", "bin", "sys"}}


def tag(**changed: object) -> dict[str, object]:
    """The fields of a tag, with what is changed in them, or added."""
    return {**TagAdd(ANNA, "", False, "vip", "x", "", 100, 1, 0)._asdict(), **changed}


def question(act: str = "tag add", token: str = "", **fields: object) -> bytes:
    return frame.asked(frame.Question(act, "", token, fields or tag()))


def test_each_role_may_what_it_may_and_is_recorded_under_its_name(office: Office) -> None:
    questions = (
        question("decoy on", responsible="Eva Nagy"),
        question(**tag(author="root")),
        question("callbacks open", key=ANNA, queue="sales", note="", expire_s=600),
    )
    expected = []
    for account, name in NAMES.items():
        for answer, (act, allowed) in zip(office.send_as(account, *questions), ALLOWED.items(), strict=True):
            assert answer["as"]["name"] == name
            assert ("done" in answer) == (account in allowed), (account, act, answer)
            if account not in allowed:
                assert f"{act} takes a" in answer["fault"]["problem"]
            expected.append((act, name, "allowed" if account in allowed else "refused"))
    assert [(note.act, note.who, note.outcome) for note in office.acts()] == expected
    assert {note.source for note in office.acts() if note.who == "Ida Simko"} == {"uid 2, at the daemon's socket"}


def test_a_command_says_who_did_it(office: Office) -> None:
    said = office.command("bin", "tag", "add", ANNA, "vip", "-v")
    assert (said.returncode, said.stderr) == (
        0,
        f"done by the daemon of {office.state_dir}, as Ida Simko (supervisor, uid 2, at the daemon's socket)\n",
    )
    refused = office.command("sys", "tag", "remove", ANNA, "vip")
    assert refused.returncode == 1 and "Hugo Polak is an agent, and tag remove takes a supervisor" in refused.stderr
    removed = office.command("bin", "tag", "remove", ANNA, "vip", "--json")
    assert json.loads(removed.stdout) == {"number": ANNA, "removed": "vip"}


def test_who_asks_needs_no_password_and_names_no_other_redis(office: Office) -> None:
    port = office.redis.port
    named = ("tag", "add", ANNA, "vip", "--redis", f"redis://127.0.0.1:{port}/0", "--json")
    (added,) = json.loads(office.command("bin", *named).stdout)
    assert (added["set_by"], added["author"]) == ("Ida Simko", "bin")
    elsewhere = office.command("bin", *named[:-2], f"redis://127.0.0.1:{port}/1", "-v")
    assert elsewhere.returncode == 1 and "done by this command itself" in elsewhere.stderr
    assert len(office.acts()) == 1


def test_two_people_are_two_by_the_kernels_word(office: Office) -> None:
    assert office.command("bin", "tag", "add", ANNA, "competitor", "--author", "a house rule").returncode == 0
    approve = ("tag", "approve", ANNA, "competitor", "--evidence", "ticket 7")
    own = office.command("bin", *approve)
    assert (own.returncode, "another person" in own.stderr) == (1, True), own.stderr
    assert office.command("games", *approve).returncode == 0
    assert [(note.act, note.who, note.outcome) for note in office.acts()][-2:] == [
        ("tag approve", "Ida Simko", "failed"), ("tag approve", "Eva Nagy", "allowed"),
    ]  # fmt: skip


def test_a_program_is_known_by_its_token_whatever_user_it_is(office: Office) -> None:
    people = read_people(office.state_dir / "people.toml", office.state_dir)
    token = add_token(people, "crm", "crm", "supervisor")
    assert office.command("lp", "tag", "add", ANNA, "vip", token=token).returncode == 0
    assert office.command("lp", "decoy", "on", "--responsible", "x", token=token).returncode == 1
    wrong = office.command("lp", "tag", "add", ANNA, "vip", token=token[:-1])
    assert (wrong.returncode, "nobody has this token" in wrong.stderr) == (1, True)
    assert [(note.who, note.source, note.outcome) for note in office.acts()] == [
        ("crm", "token crm, uid 7, at the daemon's socket", outcome) for outcome in ("allowed", "refused")
    ]
    known = json.loads(office.command("lp", "people", "whoami", "--json", token=token).stdout)
    assert (known["name"], known["role"], known["asks_daemon"]) == ("crm", "supervisor", True)
    assert json.loads(office.command("sys", "people", "whoami", "--json").stdout)["name"] == "Hugo Polak"


def test_what_is_claimed_of_who_asks_is_not_read(office: Office) -> None:
    plain = json.loads(question())
    for claim in ({"as": {"name": "eva"}}, {"who": "eva"}, {"uid": 0}):
        assert "fault" in office.send(json.dumps({**plain, **claim}).encode() + b"\n")
        assert "fault" in office.send(question(**tag(**claim)))
    answer = office.send(question(**tag(author="somebody else")))
    assert (answer["as"]["name"], answer["done"]["set_by"]) == ("root", "root")
    assert [note.who for note in office.acts()] == ["root"]


def test_who_is_refused_again_and_again_fills_no_record(office: Office) -> None:
    answers = office.send_as("lp", *[question()] * (REFUSALS + 3))
    assert "listened to again in" in answers[-1]["fault"]["problem"]
    assert len(office.acts()) == REFUSALS
    assert "done" in office.send_as("bin", question())[0], "others are"


HOSTILE = {
    "nothing": b"\n",
    "no JSON": b"\xff\xfe{}\n",
    "a list": b"[1]\n",
    "deep": b"[" * 16_000 + b"\n",
    "a wrong type": question(**tag(trust="1")),
    "yes for a number": question(**tag(trust=True)),
    "a number beyond all": question(**tag(expires_at_s=10**300)),
    "no such act": question("policy write"),
    "no such role": question("people token add", name="x", person="x", role="root", expires_at_s=0),
    "beyond all time": question("people token add", name="x", person="x", role="agent", expires_at_s=2**52),
    "a field too many": question(**tag(more=1)),
    "half a sign": question(**tag(evidence="\ud800")),
    "a key that is none": question(**tag(first="{x} FLUSHALL\r\n")),
    "no range": question(**tag(first="+4212", last="+4211")),
    "a long text": question(**tag(evidence="x" * 3000)),
    "too long": b'{"act": "' + b"x" * 40_000 + b'"}\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_answered_and_nothing_is_done(quiet_office: Office, name: str) -> None:
    answer = quiet_office.send(HOSTILE[name])
    assert answer == {} or answer["fault"]["problem"] != "unforeseen fault", quiet_office.started[-1].log
    assert answer or name == "too long"
    assert quiet_office.acts() == []


def test_one_user_has_so_many_connections_and_others_have_theirs(office: Office) -> None:
    with ExitStack() as stack:
        for _ in range(3 * MOST_OF_ONE):
            peer = stack.enter_context(socket.socket(socket.AF_UNIX))
            peer.connect(str(office.socket))
        assert "too many ask at once; nothing was done" in peer.makefile().readline()
        assert "done" in office.send_as("bin", question())[0]


def test_a_server_that_stands_still_holds_that_against_nobody_who_asks(office: Office) -> None:
    with socket.socket(socket.AF_UNIX) as before, socket.socket(socket.AF_UNIX) as after:
        for peer in (before, after):
            peer.settimeout(60)
            peer.connect(str(office.socket))
        assert "done" in office.send(question()), "so they have been let in"
        (server,) = office.servers()
        os.kill(server, signal.SIGSTOP)
        before.sendall(question())
        time.sleep(QUESTION_S + 1)
        os.kill(server, signal.SIGCONT)
        assert "done" in json.loads(before.makefile().readline()), "asked while it stood still"
        after.sendall(question())
        assert "done" in json.loads(after.makefile().readline()), "stood still with it, and had its time left"


def test_who_does_not_ask_is_told_that_nothing_was_done(office: Office) -> None:
    answer = office.send(b"{")
    assert answer["fault"]["problem"] == "the question did not come within 5 s, and nothing was done"


class Busy(AdminServer):
    """A server whose acts are done when the test says so."""

    def __init__(self) -> None:
        super().__init__(cast("ActContext", None), "")
        self.done = asyncio.Event()

    async def _answer(self, line: bytes, peer: Peer, pieces: ArrivingPieces) -> bytes:
        await self.done.wait()
        return b'{"done": true}\n'


def test_whose_turn_does_not_come_is_told_that_nothing_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_router.daemon.admin_server.server.TURN_S", 0.2)

    async def body() -> list[bytes]:
        busy, path = Busy(), tmp_path / frame.SOCKET
        with listen_unix(path) as listener:
            serving = asyncio.create_task(busy.serve(listener))
            peers = [await asyncio.open_unix_connection(path) for _ in range(2)]
            for _, writer in peers:
                writer.write(question())
            said = [await peers[1][0].readline()]
            busy.done.set()
            said.append(await peers[0][0].readline())
            for _, writer in peers:
                writer.close()
            serving.cancel()
            await asyncio.wait([serving])
        return said

    second, first = asyncio.run(body())
    assert b"other acts of this user were not done within 0.2 s, and nothing was done" in second
    assert first == b'{"done": true}\n'


def test_limits_fit_each_other() -> None:
    assert HEARD_S + REWRITTEN_S <= ACT_S - 10, "forgetting says how far it came, rather than that it took too long"
    assert QUESTION_S + TURN_S + ACT_S < ANSWER_S, "who asks is told by who answers"


def test_a_people_file_with_a_fault_lets_nobody_act(office: Office) -> None:
    Path(office.state_dir / "people.toml").write_text('[users.bin]\nrole = "boss"\n')
    (answer,) = office.send_as("bin", question())
    assert "people.toml:2" in answer["fault"]["problem"]
    assert office.acts() == []


BECOME_ROOT = """
import os, socket, sys
try:
    open("/proc/self/loginuid", "w").write("2")  # as pam_loginuid(8) does; sudo changes nothing of it
except OSError:
    pass
os.environ.update(SUDO_UID="5", SUDO_USER="games", USER="games", LOGNAME="games")
print(open("/proc/self/loginuid").read(), flush=True)
"""


def test_root_by_sudo_has_the_name_of_the_login_and_of_nothing_it_says(office: Office) -> None:
    """`sudo` tells who called it in its environment, where everybody writes what they like."""
    code = BECOME_ROOT + SENDER.replace("import socket, sys\n", "")
    command = [*python_of("root"), "-S", "-c", code, str(office.socket), question().decode()]
    login, answer = subprocess.run(
        command, capture_output=True, text=True, cwd="/", timeout=60, check=True
    ).stdout.splitlines()
    if login == "2":
        known = ("Ida Simko", "admin", "uid 0, logged in as uid 2, at the daemon's socket")
    else:  # where the kernel does not let root say who logged in
        known = ("root", "admin", "uid 0, at the daemon's socket")
    assert tuple(json.loads(answer)["as"].values()) == known
    assert [(note.who, note.role, note.source) for note in office.acts()] == [known]


def test_a_slow_reader_of_a_long_answer_holds_up_nobody(office: Office) -> None:
    """64 KiB of it lie with the kernel; the rest waits for its reader, and nobody else for either."""
    evidence = "x" * 1900
    tags = [question(**tag(name=f"long-{each}", evidence=evidence)) for each in range(300)]
    assert all("done" in answer for answer in office.send_as("bin", *tags))
    with socket.socket(socket.AF_UNIX) as slow:
        slow.settimeout(20)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(str(office.socket))
        slow.sendall(question("caller export", key=ANNA))
        heard = slow.recv(10)  # the answer is there, and is not read
        assert "done" in office.send(question()), "the same user"
        assert "done" in office.send_as("bin", question())[0]
        assert b"ROUTER_BRANCH" in office.started[-1].call()
        while part := slow.recv(65536):
            heard += part
    assert len(heard) < 300 * 1900 or "done" in json.loads(heard), "cut off where it was not read for seconds, or whole"


def test_two_at_once_are_both_done(office: Office) -> None:
    """Two users on one caller, at the same moment: neither takes the other's tag away."""
    names = {account: [f"{account}-{each}" for each in range(20)] for account in ("games", "bin")}
    with ThreadPoolExecutor(2) as pool:
        for account, own in names.items():
            pool.submit(office.send_as, account, *[question(**tag(name=name)) for name in own])
    kept = office.send(question("caller export", key=ANNA))["done"]
    assert all(f'"{name}"' in json.dumps(kept) for own in names.values() for name in own)


def test_without_redis_it_is_said_at_once_and_what_needs_none_is_done(office: Office) -> None:
    people = office.state_dir / "people.toml"
    shutil.chown(people, "daemon", "daemon")
    office.redis.kill()
    try:
        refused = office.send(question(), patience_s=30)
        assert refused["fault"]["kind"] == "StoreUnavailableError", refused
        made = office.command("games", "people", "token", "add", "crm", "--role", "agent")
        assert made.returncode == 0 and "[tokens.crm]" in people.read_text(), made.stderr
    finally:
        office.redis.start()


def test_the_daemon_writes_the_people_file_where_it_may_and_else_the_command_does(office: Office) -> None:
    people = office.state_dir / "people.toml"
    add = ("people", "token", "add", "crm", "--role", "agent")
    roots = office.command("games", *add)
    assert roots.returncode == 1 and "Permission denied" in roots.stderr, "the file is root's"
    shutil.chown(people, "daemon", "daemon")
    made = office.command("games", *add)
    assert made.returncode == 0, made.stderr
    known = json.loads(office.command("lp", "people", "whoami", "--json", token=made.stdout.strip()).stdout)
    assert (known["name"], known["role"]) == ("crm", "agent")
    assert office.command("bin", "people", "token", "remove", "crm").returncode == 1
    assert "[tokens.crm]" in people.read_text()
    assert office.command("games", "people", "token", "remove", "crm").returncode == 0
    assert people.read_text() == PEOPLE


def test_a_policy_is_promoted_and_rolled_back_by_who_may_not_write_it(empty_office: Office, until: Until) -> None:
    office = empty_office
    for name in ("live", "later"):
        file = office.state_dir / f"{name}.toml"
        file.write_text((EXAMPLES / "shop.toml").read_text().replace('name = "shop"', f'name = "{name}"'))
        shutil.chown(file, "daemon", "daemon")
    live = office.state_dir / "live.toml"
    office.serve(policy=str(live), shadow=str(office.state_dir / "later.toml"))
    until(office.answers)
    until(lambda: office.command("daemon", "shadow", "show", "--json").stdout.count('"shadow_version": "later-'))
    assert office.command("bin", "shadow", "promote").returncode == 1
    promoted = office.command("games", "shadow", "promote", "--json")
    assert promoted.returncode == 0, promoted.stderr
    plain = json.loads(promoted.stdout)
    assert (plain["who"], plain["in_force"], 'name = "later"' in live.read_text()) == ("Eva Nagy", True, True)
    back = office.command("games", "shadow", "rollback")
    assert back.returncode == 0 and "is in force" in back.stdout, back.stderr
    assert 'name = "live"' in live.read_text()
    until(lambda: len(office.acts()) == 3)
    assert {(note.who, note.act, note.outcome) for note in office.acts()} == {
        ("Ida Simko", "shadow promote", "refused"),
        ("Eva Nagy", "shadow promote", "allowed"),
        ("Eva Nagy", "shadow rollback", "allowed"),
    }


def test_who_only_looks_needs_a_user_of_redis_that_only_reads(office: Office) -> None:
    office.redis.command("ACL", "SETUSER", "look", "on", ">secret", "~*", "+@read", "+@connection", "+info")
    place = ("--redis", f"redis://look:secret@127.0.0.1:{office.redis.port}/0", "--state-dir", "/nonexistent")
    assert "done" in office.send(question())
    for words in (("tag", "list", ANNA), ("callbacks", "list"), ("acts", "list")):
        shown = office.command("lp", *words, *place)
        assert shown.returncode == 0, (words, shown.stderr)
    refused = office.command("lp", "tag", "remove", ANNA, "vip", *place)
    assert refused.returncode == 1
    assert len(office.acts()) == 1
