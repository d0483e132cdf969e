"""One question to the daemon's admin server and its answer, as they travel: JSON, one line each.

    {"act": "tag remove", "redis": "", "token": "", "with": {"first": "+42125550100", "last": "", ...}}
    {"as": {"name": "eva", "role": "supervisor", "source": "uid 1000, at the daemon's socket"}, "done": true}
    {"as": ..., "fault": {"kind": "NotAllowedError", "problem": "...", "where": "...", "remedy": "..."}}

Who asks is not in it, but for a token: the kernel tells it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ... import errors
from ...errors import RouterError

if TYPE_CHECKING:
    from ..people.roles import Person

MOST_BYTES = 16_384
"""The longest question; no act takes more."""

SOCKET = "admin.sock"
"""The daemon's admin socket, in its state directory."""

WHOAMI = "people whoami"
"""Asks for nothing but as whom one is known."""

FIELDS = {"act": str, "redis": str, "token": str, "with": dict}
"""What a question is made of."""

KINDS: dict[str, type[RouterError]] = {
    kind.__name__: kind
    for kind in (
        errors.NotAllowedError, errors.SettingsError, errors.StoreError, errors.StoreUnavailableError,
        errors.TagError, errors.ActRecordError, errors.CallerRecordError, errors.CallBackRecordError,
    )
}  # fmt: skip
"""Errors that stay what they are on the way; every other one becomes a RouterError."""


class Question(NamedTuple):
    """What was asked."""

    act: str
    """One of `table.WISHES`, or `WHOAMI`."""
    redis: str
    """Which Redis is meant, as `located` has it; empty for the daemon's own, whichever that is."""
    token: str
    """Of a program; empty where the user is who asks."""
    fields: dict[str, Any]
    """The fields of the wish."""


def asked(question: Question) -> bytes:
    """A question as it is sent."""
    return _line(dict(zip(FIELDS, question, strict=True)))


def read_question(line: bytes) -> Question:
    """Read one; raises RouterError for anything else."""
    try:
        plain = json.loads(line)
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict) or {name: type(value) for name, value in plain.items()} != FIELDS:
        raise RouterError(
            "that is no question to the daemon", remedy="it is asked by asterisk-router of the same release"
        )
    return Question(*(plain[name] for name in FIELDS))


def done(person: Person, told: Any) -> bytes:
    """The answer where it was done."""
    return _line({"as": person._asdict(), "done": told})


def refused(person: Person | None, fault: RouterError) -> bytes:
    """The answer where it was not."""
    said = {"kind": type(fault).__name__, "problem": str(fault.problem), "where": fault.where, "remedy": fault.remedy}
    return _line({"as": person._asdict() if person is not None else None, "fault": said})


def fault_of(answer: dict[str, Any]) -> RouterError | None:
    """The error in an answer, as the daemon met it; None where it was done."""
    said = answer.get("fault")
    if said is None:
        return None
    return KINDS.get(said["kind"], RouterError)(said["problem"], where=said["where"], remedy=said["remedy"])


def located(url: str) -> str:
    """Where a Redis is, without who may use it: host, port and database of its URL.

    >>> located("redis://router:secret@127.0.0.1:6379/0")
    '127.0.0.1:6379/0'
    """
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] + parts.path) or url


def _line(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain).encode() + b"\n"
