"""What somebody asks for: one record an act, carried out the same by the daemon's admin server and by a command itself.

A wish holds what the act is about and nothing of who asks: that comes from the kernel or from a token, and the record
of acts is made of both by whoever carries it out.
"""

from __future__ import annotations

import asyncio
import re
from types import UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, get_args, get_type_hints

from ...errors import RouterError
from ..people import acting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from ..people.acting import Act, Result
    from ..people.roles import Person
    from ..ports import Shared, StateFiles

CANONICAL = re.compile(r"\+?[0-9]{1,20}")
"""A number under which callers are kept, as `targets.number_key` leaves it."""

LONGEST = 2000
"""Letters in one text."""

LARGEST = 2**53
"""Whole numbers beyond are not the same for every program that reads JSON."""


class ActContext(NamedTuple):
    """What wishes are carried out with."""

    shared: Shared
    """The store that daemons and people share."""
    state: StateFiles
    """What lies in the state directory: the record of acts that need no Redis, and what daemons say of themselves."""
    state_dir: Path
    """The state directory."""
    longest_s: float | None = None
    """How long an act may take, where it is done for somebody who waits at a socket."""

    async def do(self, person: Person, act: Act, work: Callable[[], Awaitable[Result]]) -> Result:
        """Check that `person` may, record it, do it; see `acting.do`. One that takes too long has failed."""

        async def in_time() -> Result:
            try:
                return await asyncio.wait_for(work(), self.longest_s)
            except asyncio.TimeoutError:
                raise RouterError(
                    f"not done within {self.longest_s} s, and given up", remedy="give the command again"
                ) from None

        return await acting.do(self.shared.acts, person, act, in_time)


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
