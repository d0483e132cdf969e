"""What changes something is done by somebody who may, and is recorded before it is done.

The record comes first: where it cannot be written nothing is done, so no act goes unrecorded. An act that came to
nothing has a second record that says so.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ...errors import NotAllowedError, RouterError
from ...wire.act_record import ActNote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...wire.act_record import Outcome
    from ..ports import Acts, OfflineActs
    from .roles import Person, Role

Result = TypeVar("Result")

LEAST_ROLE: dict[str, Role] = {
    "callbacks take": "agent",
    "callbacks release": "agent",
    "callbacks close": "agent",
    "callbacks open": "agent",
    "caller set": "supervisor",
    "tag add": "supervisor",
    "tag remove": "supervisor",
    "tag approve": "supervisor",
    "decoy on": "admin",
    "decoy off": "agent",
    "queue promote": "supervisor",
    "queue withdraw": "supervisor",
    "reserve pull": "supervisor",
    "reserve release": "supervisor",
    "caller import": "admin",
    "caller export": "admin",
    "caller forget": "admin",
    "shadow promote": "admin",
    "shadow rollback": "admin",
    "people token add": "admin",
    "people token remove": "admin",
}
"""Every act that changes something or hands out personal data, as the command line calls it, and the role it takes."""


class Act(NamedTuple):
    """One thing a person asks for."""

    name: str
    """One of LEAST_ROLE."""
    caller: str = ""
    """The canonical number of the caller it is about; the record keeps a token in its place."""
    subject: str = ""
    """What it is about where that is no caller: a prefix, a queue, a policy."""
    detail: str = ""
    """What else tells one such act from another; nothing a caller said, no number, no name."""


async def do(acts: Acts, person: Person, act: Act, work: Callable[[], Awaitable[Result]]) -> Result:
    """Check that `person` may, record it, do it; returns what `work` returns.

    Raises NotAllowedError for who may not, which is recorded too, StoreUnavailableError when the record cannot be
    written (then nothing was done), and whatever `work` raises, after a record that it failed.
    """
    subject = await acts.subject(act.caller) if act.caller else act.subject
    try:
        person.check(act.name, LEAST_ROLE[act.name])
    except NotAllowedError:
        await acts.record(_note(person, act, subject, "refused"))
        raise
    await acts.record(_note(person, act, subject, "allowed"))
    try:
        return await work()
    except (RouterError, OSError):
        await acts.record(_note(person, act, subject, "failed"))
        raise


def do_offline(acts: OfflineActs, person: Person, act: Act, work: Callable[[], Result]) -> Result:
    """The same for an act that needs no Redis and must be possible without: the daemon records it within seconds.

    Raises OSError where the note cannot be kept; then nothing was done.
    """
    try:
        person.check(act.name, LEAST_ROLE[act.name])
    except NotAllowedError:
        with suppress(OSError):  # who may not write there is refused all the same
            acts.record_later(_note(person, act, act.subject, "refused"))
        raise
    acts.record_later(_note(person, act, act.subject, "allowed"))
    try:
        return work()
    except (RouterError, OSError):
        acts.record_later(_note(person, act, act.subject, "failed"))
        raise


def _note(person: Person, act: Act, subject: str, outcome: Outcome) -> ActNote:
    return ActNote(
        at_s=time.time(),
        who=person.name,
        role=person.role,
        source=person.source,
        act=act.name,
        subject=subject,
        detail=act.detail,
        outcome=outcome,
        id=uuid.uuid4().hex,
    )
