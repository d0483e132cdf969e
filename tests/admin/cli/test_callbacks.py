"""`callbacks` on a real Redis."""

from __future__ import annotations

import json

import pytest

from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

ANNA, BOB = "+421255500100", "+421255500109"


@pytest.fixture
def owed(run: Run, redis_server: RedisServer) -> tuple[str, str]:
    """A store in which Anna, known to the house, and Bob are owed call-backs; the options that lead there."""
    where = ("--redis", redis_server.unix_url)
    run("caller", "set", ANNA, "--name", "Anna Nova", "--value", "900", "--number", "+421255500101", *where)
    for number, queue in ((BOB, "support"), (ANNA, "sales")):
        assert run("callbacks", "open", number, "--queue", queue, *where).exit_code == 0
    return where


def test_the_list_says_all_a_caller_back_needs(run: Run, owed: tuple[str, str]) -> None:
    listed = run("callbacks", "list", *owed)
    assert listed.exit_code == 0 and "2 call-backs\n" in listed.stdout
    rows = json.loads(run("callbacks", "list", "--json", *owed).stdout)
    assert [(row["rank"], row["number"], row["name"], row["value"]) for row in rows] == [
        (1, BOB, "", 0), (2, ANNA, "Anna Nova", 900)
    ]  # fmt: skip
    assert all(row["due"] and row["missed"] == 1 and row["reason"] == "asked" for row in rows)
    only = json.loads(run("callbacks", "list", "--queue", "sales", "--json", *owed).stdout)
    assert [row["numbers"] for row in only] == [[ANNA, "+421255500101"]]


def test_taken_by_one_and_refused_to_another(run: Run, owed: tuple[str, str]) -> None:
    taken = run("callbacks", "take", "+421255500101", "--for", "1h", "--as", "eva", *owed)
    assert (taken.exit_code, taken.stdout) == (0, f"the call-back of Anna Nova ({ANNA}) is taken by eva for 1h\n")
    refused = run("callbacks", "take", ANNA, "--as", "adam", *owed)
    assert refused.exit_code == 1 and "eva has it until" in refused.stderr
    assert [row["number"] for row in json.loads(run("callbacks", "list", "--due", "--json", *owed).stdout)] == [BOB]
    assert run("callbacks", "release", ANNA, "--as", "adam", *owed).exit_code == 1
    assert run("callbacks", "release", ANNA, "--as", "eva", *owed).exit_code == 0
    assert json.loads(run("callbacks", "take", ANNA, "--as", "adam", "--json", *owed).stdout)["owner"] == "adam"


def test_closed_with_a_reason_that_is_kept(run: Run, owed: tuple[str, str]) -> None:
    assert run("callbacks", "close", ANNA, *owed).exit_code == 2
    assert run("callbacks", "close", ANNA, "--why", "answered by mail", "--as", "eva", *owed).exit_code == 0
    again = run("callbacks", "close", ANNA, "--why", "once more", *owed)
    assert again.exit_code == 1 and "no call-back is open" in again.stderr
    settled = run("callbacks", "list", "--closed", *owed).stdout
    assert "answered by mail" in settled and "1 settled call-back\n" in settled
    assert json.loads(run("callbacks", "list", "--closed", "--json", *owed).stdout)[0]["by"] == "eva"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("take", "nobody"), 1), (("take", ANNA, "--for", "soon"), 2), (("take", ANNA, "--for", "0s"), 2)],
)
def test_what_cannot_be_understood_is_refused(
    run: Run, owed: tuple[str, str], arguments: tuple[str, ...], code: int
) -> None:
    assert run("callbacks", *arguments, *owed).exit_code == code


def test_no_name_commands_the_terminal_in_a_sentence_or_a_refusal(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("caller", "set", ANNA, "--name", "Anna\x9b2J\x07", *where)
    opened = run("callbacks", "open", ANNA, "--queue", "sales", *where)
    assert opened.stdout.rstrip("\n").isprintable() and "Anna" in opened.stdout
    run("callbacks", "take", ANNA, "--as", "eva\x9b2J\x07", *where)
    refused = run("callbacks", "take", ANNA, "--as", "jan", *where)
    assert refused.exit_code == 1 and "eva" in refused.stderr and refused.stderr.rstrip("\n").isprintable()


@pytest.mark.parametrize("command", ["list", "take", "release", "close", "open"])
def test_help_shows_how(run: Run, command: str) -> None:
    assert "asterisk-router callbacks" in run("callbacks", command, "--help").stdout.split("Example", 1)[1]
