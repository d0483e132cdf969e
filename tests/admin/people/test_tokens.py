"""Tokens come into the people file and go, and nothing else in it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.people.people_file import People, read_people
from asterisk_router.admin.people.roles import Person
from asterisk_router.admin.people.tokens import add_token, remove_token
from asterisk_router.errors import RouterError

WRITTEN = '# ours\n[users.eva]\nrole = "agent"  # for now'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "people.toml"
    file.write_text(WRITTEN)
    file.chmod(0o640)
    return file


def read(file: Path) -> People:
    return read_people(file, file.parent)


def test_a_token_is_known_again_and_not_kept(file: Path) -> None:
    token = add_token(read(file), "crm", "eva", "supervisor")
    other = add_token(read(file), "board.1", "board", "viewer", expires_at_s=1000.0)
    assert len(token) == 43 and token not in file.read_text()
    assert read(file).person_of_token(token, 0.0) == Person("eva", "supervisor", "token crm")
    assert read(file).person_of_token(other, 999.0) == Person("board", "viewer", "token board.1")
    assert read(file).person_of_token(other, 1000.0) is None
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_token_goes_and_the_rest_stays(file: Path) -> None:
    tokens = {name: add_token(read(file), name, name, "viewer") for name in ("one", "two.2", "three")}
    remove_token(read(file), "two.2")
    left = read(file)
    assert [left.person_of_token(token, 0.0) is None for token in tokens.values()] == [False, True, False]
    remove_token(read(file), "three")
    remove_token(read(file), "one")
    assert file.read_text().strip() == WRITTEN


def test_a_new_file_is_written_by_its_maker_alone(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    add_token(read(file), "crm", "crm", "viewer")
    assert file.stat().st_mode & 0o777 == 0o640
    remove_token(read(file), "crm")
    assert file.read_text() == ""


@pytest.mark.parametrize("name", ["", "a b", 'x"]\n[users.bob', "é", "-", "a" * 65])
def test_a_name_that_is_no_simple_word_is_refused(file: Path, name: str) -> None:
    with pytest.raises(RouterError):
        add_token(read(file), name, "crm", "admin")
    with pytest.raises(RouterError):
        add_token(read(file), "crm", name, "admin")
    assert file.read_text() == WRITTEN


def test_a_name_is_given_once_and_taken_once(file: Path) -> None:
    add_token(read(file), "crm", "crm", "viewer")
    with pytest.raises(RouterError, match="already"):
        add_token(read(file), "crm", "crm", "admin")
    remove_token(read(file), "crm")
    with pytest.raises(RouterError, match="no token"):
        remove_token(read(file), "crm")


def test_a_token_written_otherwise_is_left_to_its_author(file: Path) -> None:
    digest = "0" * 64
    file.write_text(f'[tokens]\ncrm = {{ role = "viewer", salt = "x", sha256 = "{digest}" }}\n')
    with pytest.raises(RouterError, match="edit the file"):
        remove_token(read(file), "crm")
    assert "crm" in file.read_text()
