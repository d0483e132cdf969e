"""The people file: which user of the machine is who and may do what, and the tokens of programs.

[users.eva]                        # a user of this machine
person = "Eva Nova"                # who that is; the user's own name when left out
role = "supervisor"                # viewer, agent, supervisor or admin

[tokens.wallboard]                 # written by `asterisk-router people token add`
person = "wallboard"
role = "viewer"
salt = "..."
sha256 = "..."
expires = 2027-01-31T00:00:00Z     # never when left out
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import PolicyFault, SettingsError
from ...policy.file.document import Document, read_document
from ...policy.file.words import nearest
from .roles import ROLES, Person, Role

SIMPLE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")
"""What users, tokens and persons may be called in a table's head."""

OTHERS_MAY_WRITE = 0o022
"""The modes with which a people file is not to be believed."""


class User(NamedTuple):
    """One user of the machine, as the people file has them."""

    person: str
    """Who that is."""
    role: Role
    """What they may do."""


class Token(NamedTuple):
    """What is kept of a token: enough to know it again, not to make it."""

    person: str
    """On whose behalf it acts."""
    role: Role
    """What it may do."""
    salt: str
    """Drawn for it alone, so that equal hashes tell nothing."""
    sha256: str
    """The hash of salt and token, in hexadecimal. The token is 32 random bytes: nobody finds it by guessing."""
    expires_at_s: float
    """From when it is worth nothing, in seconds since 1970 UTC; 0 for never."""


class People(NamedTuple):
    """A people file, read."""

    file: Path
    """Where it is, or would be."""
    users: Mapping[str, User]
    """By the user's name on this machine."""
    tokens: Mapping[str, Token]
    """By the token's name."""

    def person_of_token(self, token: str, now_s: float) -> Person | None:
        """On whose behalf a request with this token acts; None for one that is unknown or over.

        Every token is compared, each in a time that does not depend on where two differ.
        """
        found = None
        given = token.encode("utf-8", "replace")
        for name, known in self.tokens.items():
            same = hmac.compare_digest(hash_of(known.salt, given), known.sha256)
            if same and (not known.expires_at_s or now_s < known.expires_at_s):
                found = Person(known.person, known.role, f"token {name}")
        return found


def hash_of(salt: str, token: bytes) -> str:
    """What is kept of a token."""
    return sha256(salt.encode() + token).hexdigest()


def read_people(file: Path, state_dir: Path) -> People:
    """Read it; a file that is not there names nobody. Raises SettingsError with file:line for one to be mended.

    A file that others than root and the owner of the state directory can write says nothing about anybody.
    """
    try:
        status = file.stat()
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return People(file, {}, {})
    except PermissionError:
        raise SettingsError(
            f"the people file is closed to user {os.geteuid()}",
            where=str(file),
            remedy="a daemon that runs reads it for whoever asks; else give the command as root, or let this user in",
        ) from None
    except (OSError, UnicodeDecodeError) as fault:
        reason = getattr(fault, "strerror", None) or "not UTF-8"
        raise SettingsError(
            f"the people file cannot be read: {reason}", where=str(file), remedy=f"chmod 644 {file}"
        ) from None
    if status.st_uid not in {0, _owner_of(state_dir)} or status.st_mode & OTHERS_MAY_WRITE:
        raise SettingsError(
            "the people file can be written by others", where=str(file), remedy=f"chown root {file}; chmod 644 {file}"
        )
    return parse_people(text, file)


def parse_people(text: str, file: Path) -> People:
    """Read the text of a people file; raises SettingsError with every fault, each with its line."""
    faults: list[str] = []
    unreadable: list[PolicyFault] = []
    document = read_document(str(file), file.name, text, unreadable)
    if document is None:
        raise SettingsError("\n".join(map(str, unreadable)))
    reader = _Reader(document, faults)
    people = People(file, reader.users(), reader.tokens())
    if faults:
        raise SettingsError("\n".join(faults))
    return people


def _owner_of(state_dir: Path) -> int:
    """Whose the state directory is; root's where there is none, or this user may not see it."""
    try:
        return state_dir.stat().st_uid
    except OSError:
        return 0


class _Reader:
    """Reads one document, noting what is wrong in it."""

    def __init__(self, document: Document, faults: list[str]) -> None:
        self._document = document
        self._faults = faults
        for key in document.tables:
            if key not in ("users", "tokens"):
                self._fault((key,), f"unknown table {key!r}", nearest(key, ("users", "tokens")))

    def users(self) -> dict[str, User]:
        return {
            name: User(self._text(path, table, "person") or name, self._role(path, table))
            for name, path, table in self._entries("users", ("person", "role"))
        }

    def tokens(self) -> dict[str, Token]:
        found = {}
        for name, path, table in self._entries("tokens", ("person", "role", "salt", "sha256", "expires")):
            salt, digest = self._text(path, table, "salt"), self._text(path, table, "sha256")
            if not salt or not re.fullmatch("[0-9a-f]{64}", digest):
                self._fault(path, f"token {name!r} has no hash", f"asterisk-router people token add {name}")
            person = self._text(path, table, "person") or name
            found[name] = Token(person, self._role(path, table), salt, digest, self._moment(path, table))
        return found

    def _entries(self, kind: str, keys: tuple[str, ...]) -> list[tuple[str, tuple[str, str], dict[str, Any]]]:
        entries = self._document.tables.get(kind, {})
        if not isinstance(entries, dict):
            self._fault((kind,), f"{kind} is no table", f"write [{kind}.NAME]")
            return []
        found = []
        for name, table in entries.items():
            if not isinstance(table, dict):
                self._fault((kind, name), f"{name} is no table", f"write [{kind}.{name}]")
                continue
            for key in table:
                if key not in keys:
                    self._fault((kind, name, key), f"unknown key {key!r}", nearest(key, keys))
            found.append((name, (kind, name), table))
        return found

    def _role(self, path: tuple[str, ...], table: dict[str, Any]) -> Role:
        role = table.get("role")
        for known in ROLES:
            if role == known:
                return known
        if role is None:
            self._fault(path, f"{path[1]} has no role", f"one of {', '.join(ROLES)}")
        else:
            self._fault((*path, "role"), f"{role!r} is no role", nearest(str(role), ROLES))
        return "viewer"

    def _text(self, path: tuple[str, ...], table: dict[str, Any], key: str) -> str:
        value = table.get(key, "")
        if isinstance(value, str) and value.isprintable():
            return value
        self._fault((*path, key), f"{key} is no text", "write it in quotes")
        return ""

    def _moment(self, path: tuple[str, ...], table: dict[str, Any]) -> float:
        value = table.get("expires")
        if value is None:
            return 0.0
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).timestamp()
        self._fault((*path, "expires"), "expires is no moment", "write 2027-01-31T00:00:00Z, without quotes")
        return 0.0

    def _fault(self, path: tuple[str, ...], problem: str, remedy: str) -> None:
        line = self._document.positions.of(path)[0]
        self._faults.append(f"{self._document.file}:{line}: {problem}" + (f" ({remedy})" if remedy else ""))
