"""`people` on a real disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from asterisk_router.admin.people.people_file import read_people
from asterisk_router.admin.people.roles import present_name
from tests.admin.conftest import Run


@pytest.fixture
def file(run: Run) -> Path:
    return Path(os.environ["ASTERISK_ROUTER_STATE_DIR"]) / "people.toml"


def test_whoami_says_who_and_how_it_is_known(run: Run, file: Path) -> None:
    shown = json.loads(run("people", "whoami", "--json").stdout)
    assert shown["role"] == "admin" and shown["name"] == present_name()
    assert shown["source"].startswith(f"uid {os.getuid()}")
    assert f"none at {file}" in run("people", "whoami").stdout
    file.write_text(f'[users.{present_name()}]\nperson = "Eva Nova"\nrole = "admin"\n')
    assert "Eva Nova" in run("people", "whoami").stdout


def test_a_token_is_printed_once_and_listed_without(run: Run, file: Path) -> None:
    made = run("people", "token", "add", "crm", "--role", "agent", "--person", "eva", "--expires", "30d")
    token = made.stdout.strip()
    person = read_people(file, file.parent).person_of_token(token, 0.0)
    assert person is not None and (person.name, person.role, person.source) == ("eva", "agent", "token crm")
    listed = run("people", "list").stdout
    assert "crm" in listed and "1 entry" in listed and token not in listed
    (row,) = json.loads(run("people", "list", "--json").stdout)
    assert (row["kind"], row["person"], row["role"]) == ("token", "eva", "agent") and row["expires_at_s"] > 0
    assert run("people", "token", "remove", "crm").exit_code == 0
    assert run("people", "token", "remove", "crm").exit_code == 1


def test_a_mistake_in_the_file_is_told_and_nobody_acts(run: Run, file: Path) -> None:
    file.write_text('[users.eva]\nrole = "boss"\n')
    for words in (("people", "whoami"), ("people", "list"), ("tag", "add", "+421255500100", "vip")):
        refused = run(*words)
        assert refused.exit_code == 1 and "people.toml:2: 'boss' is no role" in refused.stderr
