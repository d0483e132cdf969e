"""What a fault is: something done to the daemon or to what it stands on, and undone again, while calls come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.faults.stand import Stand

ONE_BROKEN_MS = 50.0
"""How long a call may stand while one thing the daemon uses is broken, or the daemon is away."""

HUNG_MS = 310.0
"""How long a call may stand where nothing but the guard of the dialplan (300 ms) ends its wait."""

GUARDED_MS = 290.0
"""A call that stands longer than this was ended by the guard."""


def nothing(stand: Stand) -> None:
    """In place of an act."""


class Fault(NamedTuple):
    """One entry of the rig."""

    name: str
    """By which a person picks it."""
    what: str
    """What happens, for the reader of the table."""
    does: Callable[[Stand], None]
    """Breaks it."""
    undo: Callable[[Stand], None]
    """Mends it."""
    bound_ms: float = ONE_BROKEN_MS
    """How long no call may stand beyond, before, during and after."""
    most_guarded: float = 1.0
    """How many of the calls placed while it is broken may stand until the guard: 1 is all of them."""
    meanwhile: Callable[[Stand], None] = nothing
    """Done again and again while it is broken."""
    before: Callable[[Stand], None] = nothing
    """Done before the calls come, where the fault needs something that does not stand there anyway."""
    after: Callable[[Stand], None] = nothing
    """Takes that away again."""
    way: str = "fastagi"
    """How the dialplan asks, a key of `tests.live.doors.WAYS`."""
    forgets: bool = False
    """Whether callers may be taken for somebody else meanwhile, and not only for unknown."""
    shown_by: str = ""
    """The test among `tests/live` that shows the same on every run of the tests, which need not do it twice."""
