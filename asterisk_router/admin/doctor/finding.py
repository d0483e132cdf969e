"""One line of an examination."""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["green", "yellow", "red"]
"""Well; works, and is worth a look; does not work, or is dangerous."""


class Finding(NamedTuple):
    """What was found about one thing."""

    about: str
    """The thing, in a word or two: `redis eviction`."""
    state: State
    """How it is."""
    said: str
    """What was found."""
    remedy: str = ""
    """What to do about it; empty only where it is green."""


def green(about: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(about, "green", said)


def yellow(about: str, said: str, remedy: str) -> Finding:
    """Works, and is worth a look."""
    return Finding(about, "yellow", said, remedy)


def red(about: str, said: str, remedy: str) -> Finding:
    """Does not work, or is dangerous."""
    return Finding(about, "red", said, remedy)
