"""What somebody asks for: one record an act, carried out the same by the daemon's admin server and by a command itself.

A wish holds what the act is about and nothing of who asks: that comes from the kernel or from a token, and the record
of acts is made of both by whoever carries it out.
"""

from __future__ import annotations

import asyncio
import os
import re
from types import UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, get_args, get_type_hints

from ...errors import RouterError, StoreError
from ..people import acting
from .patience import in_time

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from ...policy.policy import Policy
    from ..people.acting import Act, Result
    from ..people.roles import Person
    from ..ports import Shared, StateFiles

CANONICAL = re.compile(r"\+?[0-9]{1,20}")
"""A number under which callers are kept, as `targets.number_key` leaves it."""

LONGEST = 2000
"""Letters in one text."""

LARGEST = 2**53
"""Whole numbers beyond are not the same for every program that reads JSON."""


class Pieces(Protocol):
    """What follows a question, where an act takes more than one holds."""

    async def next(self) -> bytes:
        """The next piece; empty at the end. Raises RouterError for one that is too long, or where nobody sends any."""

    async def tell(self, told: Any) -> None:
        """Answer it. Raises RouterError where nobody listens."""


class ElsewhereError(RouterError):
    """The daemon may not write what an act changes: the command does it, with its user's rights."""


class ActContext(NamedTuple):
    """What wishes are carried out with."""

    shared: Shared
    """The store that daemons and people share."""
    state: StateFiles
    """What lies in the state directory: policies, the record of acts that need no Redis, what daemons say."""
    state_dir: Path
    """The state directory."""
    load_policy: Callable[[str], Policy]
    """Reads a policy file; raises PolicyError."""
    longest_s: float | None = None
    """How long an act may take, where it is done for somebody who waits at a socket."""
    pieces: Pieces | None = None
    """What follows the question."""

    async def do(self, person: Person, act: Act, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Check that `person` may, record it, do it; see `acting.do`. One that takes too long has failed."""
        return await acting.do(self.shared.acts, person, act, lambda: self.in_time(work))

    async def do_offline(self, person: Person, act: Act, work: Callable[[], Result]) -> Result:
        """The same for what needs no Redis and waits for the disk; see `acting.do_offline`."""
        return await asyncio.to_thread(acting.do_offline, self.state.acts, person, act, work)

    async def in_time(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What `work` returns; raises RouterError where it takes too long."""
        if self.longest_s is None:
            return await work()
        try:
            return await in_time(work(), self.longest_s)
        except asyncio.TimeoutError:
            raise RouterError(
                f"not done within {self.longest_s} s, and given up", remedy="give the command again"
            ) from None

    def check_writable(self, file: Path) -> None:
        """Raise ElsewhereError where this is the daemon, and it may not write a file of an admin."""
        ours = os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
        if self.longest_s is not None and not ours:
            raise ElsewhereError(
                "the daemon may not write that file", where=str(file), remedy="give the command as a user who may"
            )


class NoStore:
    """In place of what is shared, where Redis is away or is not asked: whatever is wanted of it is its fault."""

    def __init__(self, fault: StoreError) -> None:
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        raise self._fault


class Wish(Protocol):
    """One thing asked for, a NamedTuple; its fields are texts, whole numbers, yes or no, lists of texts, or nothing."""

    def _asdict(self) -> dict[str, Any]:
        """Its fields by name."""

    async def carry_out(self, context: ActContext, person: Person) -> Any:
        """Do it on behalf of `person` and return what is to be told, as JSON has it.

        Raises NotAllowedError for who may not, and what the act itself raises.
        """


def canonical(key: str) -> str:
    """A canonical number as it came; raises RouterError for what is none: whoever asks may write anything."""
    if not CANONICAL.fullmatch(key):
        raise RouterError("that is no canonical number", remedy="asterisk-router number shows how one is written")
    return key


def read_fields(kind: type[Any], plain: Any) -> Any:
    """A record of `kind` of what came as JSON; raises RouterError naming the first field that does not fit."""
    if not isinstance(plain, dict) or plain.keys() != set(kind._fields):
        raise RouterError(f"{kind.__name__} takes {', '.join(kind._fields)}", remedy="who asks is of another release")
    hints = get_type_hints(kind)
    return kind(**{name: _read(name, value, hints[name]) for name, value in plain.items()})


def _read(name: str, value: Any, hint: Any) -> Any:
    for kind in get_args(hint) if isinstance(hint, UnionType) else (hint,):
        if kind == tuple[str, ...]:
            if isinstance(value, list) and all(isinstance(each, str) and _is_text(each) for each in value):
                return tuple(value)
        elif type(value) is kind and (kind is not int or abs(value) < LARGEST) and (kind is not str or _is_text(value)):
            return value
    raise RouterError(f"{name} does not fit: it takes {getattr(hint, '__name__', hint)}")


def _is_text(value: str) -> bool:
    """Whether it is short enough, and can be written at all: JSON can hold halves of signs."""
    if len(value) > LONGEST:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
