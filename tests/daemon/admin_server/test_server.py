"""Acts at the daemon's socket, by real users of the machine: who they are is the kernel's word."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from asterisk_router.admin.asked import frame
from asterisk_router.admin.asked.callers import TagAdd
from asterisk_router.admin.people.people_file import read_people
from asterisk_router.admin.people.tokens import add_token
from asterisk_router.daemon.admin_server.server import MOST_OF_ONE, REFUSALS
from tests.daemon.admin_server.conftest import Office

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
    "an act of files": question("people token add"),
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
        assert "done" in office.send_as("bin", question())[0]


def test_a_people_file_with_a_fault_lets_nobody_act(office: Office) -> None:
    Path(office.state_dir / "people.toml").write_text('[users.bin]\nrole = "boss"\n')
    (answer,) = office.send_as("bin", question())
    assert "people.toml:2" in answer["fault"]["problem"]
    assert office.acts() == []
