"""The people file: read, refused with its lines, and the tokens in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.people.people_file import User, hash_of, parse_people, read_people
from asterisk_router.admin.people.roles import Person
from asterisk_router.errors import SettingsError

FILE = Path("people.toml")
GOOD = f"""
[users.eva]
person = "Eva Nova"
role = "supervisor"
[users.bob]
role = "agent"
[tokens.crm]
person = "Eva Nova"
role = "agent"
salt = "00ff"
sha256 = "{hash_of("00ff", b"secret")}"
expires = 2027-01-31T00:00:00Z
[tokens.board]
role = "viewer"
salt = "11ff"
sha256 = "{hash_of("11ff", b"other")}"
"""
EXPIRES_S = 1_801_353_600.0


def test_users_and_tokens_are_read() -> None:
    people = parse_people(GOOD, FILE)
    assert people.users == {"eva": User("Eva Nova", "supervisor"), "bob": User("bob", "agent")}
    assert people.tokens["crm"].expires_at_s == EXPIRES_S and people.tokens["board"].person == "board"


@pytest.mark.parametrize(
    ("token", "now_s", "found"),
    [
        ("secret", EXPIRES_S - 1, Person("Eva Nova", "agent", "token crm")),
        ("secret", EXPIRES_S, None),
        ("other", EXPIRES_S, Person("board", "viewer", "token board")),
        ("Secret", 0.0, None),
        ("", 0.0, None),
        ("secret\udcff", 0.0, None),
    ],
)
def test_a_token_is_known_by_its_hash_until_it_is_over(token: str, now_s: float, found: Person | None) -> None:
    assert parse_people(GOOD, FILE).person_of_token(token, now_s) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[users.eva]\nrole = 'boss'", "people.toml:2: 'boss' is no role (known: admin, agent, supervisor, viewer)"),
        ("[users.eva]\nrole = 'superviser'", "people.toml:2: 'superviser' is no role (did you mean 'supervisor'?)"),
        ("\n[users.eva]", "people.toml:2: eva has no role"),
        ("[users.eva]\nrole = 'agent'\nperson = 7", "people.toml:3: person is no text"),
        ("[users.eva]\nrole = 'agent'\nname = 'x'", "people.toml:3: unknown key 'name'"),
        ("[user.eva]", "people.toml:1: unknown table 'user' (did you mean 'users'?)"),
        ("users = 1", "people.toml:1: users is no table"),
        ("[users]\neva = 'agent'", "people.toml:2: eva is no table (write [users.eva])"),
        ("[tokens.crm]\nrole = 'agent'\nsalt = 'x'", "people.toml:1: token 'crm' has no hash"),
        ("[tokens.crm]\nexpires = 'soon'", "people.toml:2: expires is no moment"),
        ("[users.eva\n", "people.toml:1:"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_people(text, FILE)
    assert said in str(refused.value)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        parse_people("[users.eva]\nrole = 1\n[users.bob]\nrole = 2", FILE)
    assert len(str(refused.value).splitlines()) == 2


def test_a_file_that_others_can_write_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    assert read_people(file, tmp_path).users == {}
    file.write_text(GOOD)
    file.chmod(0o644)
    assert read_people(file, tmp_path).users["bob"].role == "agent"
    for mode in (0o664, 0o646):
        file.chmod(mode)
        with pytest.raises(SettingsError, match="can be written by others"):
            read_people(file, tmp_path)
    file.chmod(0o644)
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        read_people(file, tmp_path)
