"""The versions of a policy that were in force, and which one goes before which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Act = Literal["read", "promoted", "rolled-back", "set-aside"]
"""`read`: the daemon started with it, or found it saved; `set-aside`: it lay in the policy's place, maybe never in
force, when another was put there."""


class KeptVersion(NamedTuple):
    """One line of the history."""

    at_s: float
    """When, in seconds since 1970 UTC."""
    version: str
    """Name and hash as calls report it: `shop-3f2a9c1d`; empty when it was never read."""
    content: str
    """Hash of all of its files, by which it is kept."""
    act: Act
    """What happened."""
    who: str
    """Unix user who did it; who owns the file, where it was saved."""
    file: str
    """The policy file it is, or was, in force from."""


def order(history: Sequence[KeptVersion], file: str) -> list[KeptVersion]:
    """The versions of `file` one can go back through, the one in force last; going back takes them away again."""
    stack: list[KeptVersion] = []
    for entry in history:
        if entry.file != file or entry.act == "set-aside":
            continue
        contents = [each.content for each in stack]
        if entry.act == "rolled-back" and entry.content in contents:
            del stack[contents.index(entry.content) + 1 :]
        elif not stack or stack[-1].content != entry.content:
            stack.append(entry)
    return stack
