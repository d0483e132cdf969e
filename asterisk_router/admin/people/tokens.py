"""Adds a token to the people file and takes one away: as text, so that what a person wrote there stays as it is."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ...errors import RouterError
from .people_file import SIMPLE_NAME, People, hash_of, parse_people

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .roles import Role

TOKEN_BYTES = 32
"""How much chance is in a token."""


@contextmanager
def changing(file: Path) -> Iterator[None]:
    """Nobody else changes the people file until the block is left: read it inside. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def add_token(people: People, name: str, person: str, role: Role, expires_at_s: float = 0.0) -> str:
    """Add a token to the people file and return it: it is kept nowhere, so this is the only time it is seen.

    Raises RouterError for a name that is taken or no simple word, OSError.
    """
    for word in (name, person):
        if not SIMPLE_NAME.fullmatch(word):
            remedy = "letters, digits, dots, dashes, underscores and @, at most 64"
            raise RouterError(f"{word!r} is no simple name", remedy=remedy)
    if name in people.tokens:
        remedy = f"asterisk-router people token remove {name}"
        raise RouterError(f"there is a token {name!r} already", where=str(people.file), remedy=remedy)
    token, salt = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_hex(16)
    lines = [f"[tokens.{_quoted(name)}]", f'person = "{person}"', f'role = "{role}"', f'salt = "{salt}"']
    lines.append(f'sha256 = "{hash_of(salt, token.encode())}"')
    if expires_at_s:
        lines.append(f"expires = {datetime.fromtimestamp(int(expires_at_s), timezone.utc):%Y-%m-%dT%H:%M:%SZ}")
    text = _text(people)
    gap = "\n" * (bool(text) + (not text.endswith("\n") and bool(text)))
    _write(people, text + gap + "\n".join(lines) + "\n")
    return token


def remove_token(people: People, name: str) -> None:
    """Take a token away: it is worth nothing from the next request on. Raises RouterError when there is none, OSError.

    Refuses where the file was written so that cutting it out would change anything else.
    """
    if name not in people.tokens:
        raise RouterError(f"there is no token {name!r}", where=str(people.file))
    text = _text(people)
    head = re.escape(f"[tokens.{_quoted(name)}]")
    left = re.sub(rf"^{head}[ \t]*(?:#[^\n]*)?\n(?:(?![ \t]*\[)[^\n]*\n?)*", "", text, count=1, flags=re.MULTILINE)
    wanted = {other: token for other, token in people.tokens.items() if other != name}
    rest = parse_people(left, people.file)
    if (rest.users, rest.tokens) != (people.users, wanted):
        raise RouterError(
            "the token is not written as `token add` does", where=str(people.file), remedy="edit the file"
        )
    _write(people, left.rstrip("\n") + "\n" if left.strip() else "")


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _text(people: People) -> str:
    try:
        return people.file.read_text("utf-8")
    except FileNotFoundError:
        return ""


def _write(people: People, text: str) -> None:
    """The whole file or the one before it, with the owner and the mode it has.

    A new one is read by the group of its directory: the daemon's, which decides by it. Nothing in it is a secret.
    """
    made = people.file.with_name(people.file.name + ".new")
    with open(made, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o640)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    # another's file stays theirs; of a new one the directory tells whose installation this is
    like = people.file if people.file.exists() else people.file.parent
    status = like.stat()
    if os.geteuid() == 0:
        os.chown(made, status.st_uid, status.st_gid)
    if like is people.file:
        made.chmod(status.st_mode & 0o755)
    made.replace(people.file)
