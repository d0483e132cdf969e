"""Who gives a command, and what people may do: roles, the people file, and tokens for programs.

Who somebody is comes from the kernel (the user of the process, the one who logged in, the other end of a unix socket)
or from a token, never from what they say of themselves.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from ...errors import NotAllowedError

if TYPE_CHECKING:
    from .people_file import People

Role = Literal["viewer", "agent", "supervisor", "admin"]
"""What people may do, each role what the one before it may: a `viewer` looks, an `agent` takes and settles call-backs,
a `supervisor` tags callers and moves them and agents in the queues, an `admin` changes policies and whole lists of
callers, and erases and hands out personal data."""

ROLES: tuple[Role, ...] = get_args(Role)
"""Every role, the one that may least first."""

NOBODY_LOGGED_IN = 2**32 - 1
"""What the kernel says of a process that no login started (`(uid_t) -1`, proc_pid_loginuid(5))."""

SYSTEM_FILE = Path("/etc/asterisk-router/people.toml")
"""The people file of the machine; where there is none, that of the state directory."""


class Person(NamedTuple):
    """Somebody known by name, and what they may do."""

    name: str
    """One person has one name, whatever their accounts and tokens are called: two names are two people."""
    role: Role
    """What they may do."""
    source: str
    """How it is known: `uid 1000`, `uid 0, logged in as uid 1000`, `token wallboard`."""

    def may(self, least: Role) -> bool:
        """Whether they may do what `least` is enough for.

        >>> Person("eva", "supervisor", "uid 1000").may("admin")
        False
        """
        return ROLES.index(self.role) >= ROLES.index(least)

    def check(self, act: str, least: Role) -> None:
        """Raise NotAllowedError unless they may."""
        if not self.may(least):
            raise NotAllowedError(
                f"{self.name} is {_a(self.role)}, and {act} takes {_a(least)}",
                where=self.source,
                remedy="an admin gives roles in the people file: asterisk-router people --help",
            )


def people_file(state_dir: Path, system_file: Path = SYSTEM_FILE) -> Path:
    """Where it is written who is who: that of the machine also where this user may not see whether it is there."""
    try:
        os.stat(system_file)
    except (FileNotFoundError, NotADirectoryError):
        return state_dir / "people.toml"
    except OSError:
        pass  # whoever reads it says why; another file in its place could make somebody more than they are
    return system_file


def present_person(state_dir: Path, people: People | None = None) -> Person:
    """Who gives this command; raises SettingsError for a people file that cannot be used."""
    return person_of_uid(os.getuid(), state_dir, people, login_uid())


def person_of_uid(uid: int, state_dir: Path, people: People | None = None, logged_in: int | None = None) -> Person:
    """Who a user of this machine is; `logged_in` is who became that user, where it is another one and is known.

    Root is an admin whatever is written, and so is the owner of the state directory (the daemon's user) unless the
    people file gives them another role. Everybody else has the role of the people file, and may look where it names
    none. Raises SettingsError for a people file that cannot be used.
    """
    if people is None:
        from .people_file import read_people

        people = read_people(people_file(state_dir), state_dir)
    other = logged_in is not None and logged_in != uid
    source = f"uid {uid}, logged in as uid {logged_in}" if other else f"uid {uid}"
    account = unix_name(uid if logged_in is None or uid else logged_in)
    listed = people.users.get(account)
    name = listed.person if listed is not None else account
    if uid == 0:
        return Person(name, "admin", source)
    if listed is not None:
        return Person(name, listed.role, source)
    return Person(name, "admin" if _owns(uid, state_dir) else "viewer", source)


def login_uid(process: int | str = "self") -> int | None:
    """Who logged in before becoming whoever a process runs as, as the kernel keeps it; None where it is not known.

    It is set once, at login, and no `su` or `sudo` changes it, unlike their environment variables.
    """
    try:
        uid = int(Path(f"/proc/{process}/loginuid").read_text())
    except (OSError, ValueError):
        return None
    return None if uid == NOBODY_LOGGED_IN else uid


def unix_name(uid: int) -> str:
    """The name of a user of this machine; the number where they have none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def present_name() -> str:
    """The account behind this command, for what is only a default."""
    uid, logged_in = os.getuid(), login_uid()
    return unix_name(logged_in if uid == 0 and logged_in is not None else uid)


def _owns(uid: int, state_dir: Path) -> bool:
    try:
        return state_dir.stat().st_uid == uid
    except OSError:
        return False


def _a(role: Role) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
