"""What is asked for about many callers at once: an import, whose callers follow the question in pieces.

Who asks reads the file, so that no path is read with the daemon's rights, and hands over callers; each piece is
answered when it is stored, so whoever breaks off knows where to go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...callers.caller import History
from ...callers.tags import check_tag
from ...errors import RouterError
from ...wire.caller_pieces import read_piece
from ..people.acting import Act
from .wish import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...callers.caller import Caller
    from ..people.roles import Person
    from .wish import ActContext, Pieces

NO_CALLS = History()
"""An import knows of none."""


class ImportPieces(NamedTuple):
    """`caller import`."""

    from_line: int
    """The first line of the file that is imported: more than 2 where an import goes on."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """How many callers are stored; raises StoreError, RouterError with part of them stored."""
        going_on = f"from line {self.from_line}" if self.from_line > 2 else ""
        act = Act("caller import", subject="callers", detail=going_on)
        piecewise = context._replace(longest_s=None)  # each piece has its time, and all of them what they take
        return {"saved": await piecewise.do(person, act, lambda: _save(context, context.pieces))}


async def _save(context: ActContext, pieces: Pieces | None) -> int:
    if pieces is None:
        raise RouterError("no callers follow the question")
    saved = 0
    await pieces.tell({"saved": saved})  # who asks may, and goes on
    while body := await pieces.next():
        callers = read_piece(body)
        _check(callers)
        saved += await context.in_time(lambda callers=callers: context.shared.book.save_many(callers))  # type: ignore[misc]
        await pieces.tell({"saved": saved})
    return saved


def _check(callers: Sequence[Caller]) -> None:
    """Raise RouterError (TagError) for a caller of no import: an approval is no column of a file, nor is a call."""
    for caller in callers:
        if not caller.numbers or not all(map(CANONICAL.fullmatch, caller.numbers)):
            raise RouterError("a caller has no canonical number")
        if caller.history != NO_CALLS or any(any(tag[7:]) for tag in caller.tags):
            raise RouterError("an import sets no history and approves no tag", where=caller.numbers[0])
        for tag in caller.tags:
            check_tag(tag)
