"""What is asked for about the decoy: its switch."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import StoreError
from ..callers import decoy
from ..people import acting
from ..people.acting import Act

if TYPE_CHECKING:
    from pathlib import Path

    from ..people.roles import Person
    from ..ports import OfflineActs
    from .wish import ActContext


class DecoyOn(NamedTuple):
    """`decoy on`."""

    responsible: str
    """Who answers for every call that meets it."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The switch as it is then."""

        async def work() -> dict[str, Any]:
            await decoy.switch_on(context.shared.decoys, context.state_dir, self.responsible, person.name, time.time())
            return await decoy.status(context.shared.decoys, context.state.notices, context.state_dir)

        return await context.do(person, Act("decoy on"), work)


class DecoyOff(NamedTuple):
    """`decoy off`: by a file on this host first, which needs no Redis, then everywhere."""

    why: str
    """Why, for those who ask later."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The switch as it is then; raises RouterError where it is off on this host only."""
        with suppress(OSError):  # a disk that takes no file keeps nobody from telling Redis
            self.stop_here(context.state.acts, context.state_dir, person)
        return await self.stop_everywhere(context, person)

    def stop_here(self, acts: OfflineActs, state_dir: Path, person: Person) -> None:
        """Check that `person` may, and stop it on this host; raises NotAllowedError, OSError."""
        acting.do_offline(acts, person, Act("decoy off"), lambda: decoy.stop_here(state_dir))

    async def stop_everywhere(self, context: ActContext, person: Person) -> dict[str, Any]:
        """Tell Redis, and take the file away that is not needed any more."""
        try:
            await decoy.switch_off(context.shared.decoys, context.state_dir, person.name, self.why, time.time())
            return await decoy.status(context.shared.decoys, context.state.notices, context.state_dir)
        except StoreError as fault:
            raise decoy.not_everywhere(fault) from None
