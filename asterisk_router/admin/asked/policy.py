"""What is asked for about policies: another version in the place of the live one."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import shadow
from ..people.acting import Act

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..people.roles import Person
    from ..shadow import Change
    from .wish import ActContext


class ShadowPromote(NamedTuple):
    """`shadow promote`."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """What changed, and whether it is in force."""

        def work() -> Change:
            return shadow.promote(context.state, context.load_policy, time.time(), person.name)

        return await _put(context, person, Act("shadow promote", subject="policy"), work)


class ShadowRollback(NamedTuple):
    """`shadow rollback`."""

    version: str
    """Back to this version, or content; empty for the one before."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """What changed, and whether it is in force."""

        def work() -> Change:
            return shadow.rollback(context.state, context.load_policy, time.time(), person.name, self.version)

        return await _put(context, person, Act("shadow rollback", subject="policy", detail=self.version), work)


async def _put(context: ActContext, person: Person, act: Act, work: Callable[[], Change]) -> dict[str, Any]:
    for notice in context.state.notices.read_all():
        context.check_writable(Path(notice["policy_file"]))
    change = await context.do_offline(person, act, work)
    return {**change._asdict(), "in_force": await asyncio.to_thread(shadow.in_force, context.state, change)}
