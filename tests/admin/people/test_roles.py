"""Who somebody is, by the kernel's word."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_router.admin.people import roles
from asterisk_router.admin.people.people_file import People, User, read_people
from asterisk_router.admin.people.roles import ROLES, Person, people_file, person_of_uid, present_person, unix_name
from asterisk_router.errors import NotAllowedError, SettingsError

NOBODY = People(Path("people.toml"), {}, {})
STRANGER = 54_321
DAEMON = unix_name(1)


@contextmanager
def as_stranger() -> Iterator[None]:
    """Whatever root starts is done as somebody whom modes of files hold."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(STRANGER)
    try:
        yield
    finally:
        os.seteuid(mine)


def test_roles_are_a_ladder() -> None:
    for place, role in enumerate(ROLES):
        person = Person("eva", role, "uid 1")
        assert [person.may(least) for least in ROLES] == [step <= place for step in range(len(ROLES))]


def test_who_may_not_is_told_what_it_takes() -> None:
    with pytest.raises(NotAllowedError, match="eva is an agent, and tag add takes a supervisor"):
        Person("eva", "agent", "uid 1000").check("tag add", "supervisor")


def test_root_is_an_admin_whatever_is_written(tmp_path: Path) -> None:
    listed = NOBODY._replace(users={"root": User("Eva Nova", "viewer")})
    assert person_of_uid(0, tmp_path, NOBODY) == Person("root", "admin", "uid 0")
    assert person_of_uid(0, tmp_path, listed) == Person("Eva Nova", "admin", "uid 0")


def test_who_became_root_keeps_their_name(tmp_path: Path) -> None:
    person = person_of_uid(0, tmp_path, NOBODY, logged_in=1)
    assert person == Person(DAEMON, "admin", "uid 0, logged in as uid 1")


def test_who_logged_in_counts_for_root_alone(tmp_path: Path) -> None:
    """Whoever became another ordinary user acts as that one."""
    assert person_of_uid(STRANGER, tmp_path, NOBODY, logged_in=0).name == f"uid-{STRANGER}"


def test_the_owner_of_the_state_directory_is_an_admin_unless_written_otherwise(tmp_path: Path) -> None:
    os.chown(tmp_path, 1, 1) if os.getuid() == 0 else None
    owner = tmp_path.stat().st_uid
    name = unix_name(owner)
    assert person_of_uid(owner, tmp_path, NOBODY) == Person(name, "admin", f"uid {owner}")
    listed = NOBODY._replace(users={name: User("Eva", "agent")})
    if owner:
        assert person_of_uid(owner, tmp_path, listed) == Person("Eva", "agent", f"uid {owner}")


def test_everybody_else_looks_on(tmp_path: Path) -> None:
    assert person_of_uid(STRANGER, tmp_path, NOBODY) == Person(f"uid-{STRANGER}", "viewer", f"uid {STRANGER}")
    assert person_of_uid(STRANGER, tmp_path / "none", NOBODY).role == "viewer"


def test_the_environment_makes_nobody_somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "login_uid", lambda: None)
    before = present_person(tmp_path)
    for name in ("USER", "LOGNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "daemon")
    assert present_person(tmp_path) == before


def test_a_file_of_the_machine_that_is_closed_to_the_user_is_refused_and_no_other_is_taken() -> None:
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder, "etc")
        closed.mkdir(mode=0)
        os.chmod(folder, 0o755)
        Path(folder, "people.toml").write_text(f"[users.{unix_name(STRANGER)}]\nrole = 'admin'\n")
        with as_stranger():
            file = people_file(Path(folder), closed / "people.toml")
            assert file == closed / "people.toml"
            with pytest.raises(SettingsError, match=f"closed to user {os.geteuid()}") as refused:
                read_people(file, Path(folder))
            assert "as root" in refused.value.remedy and refused.value.where == str(file)


def test_a_state_directory_that_is_closed_to_the_user_leaves_the_file_of_the_machine_readable() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, closed = Path(folder, "people.toml"), Path(folder, "closed")
        file.write_text("[users.eva]\nrole = 'agent'\n")
        file.chmod(0o644)
        (closed / "state").mkdir(parents=True)
        closed.chmod(0)
        os.chmod(folder, 0o755)
        mine = os.geteuid()
        with as_stranger():
            if mine == 0:
                assert read_people(file, closed / "state").users["eva"].role == "agent"
            else:  # nobody but root and the owner of the state directory may write it
                with pytest.raises(SettingsError, match="written by others"):
                    read_people(file, closed / "state")
        closed.chmod(0o700)


def test_the_file_of_the_machine_comes_first(tmp_path: Path) -> None:
    system = tmp_path / "etc.toml"
    assert people_file(tmp_path, system) == tmp_path / "people.toml"
    system.write_text("")
    assert people_file(tmp_path, system) == system
