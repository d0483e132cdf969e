"""What is asked for about call-backs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ...policy.call_back_rules import CallBackRules
from .. import call_backs
from ..people.acting import Act
from .wish import canonical

if TYPE_CHECKING:
    from ...callers.call_back import CallBack
    from ..people.roles import Person
    from .wish import ActContext


class CallBackTake(NamedTuple):
    """`callbacks take`."""

    key: str
    """Canonical number of the person."""
    owner: str
    """For whom."""
    for_s: int
    """For how long, in seconds."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The call-back as it is then."""
        key, act = canonical(self.key), Act("callbacks take", self.key, detail=f"for {self.for_s} s")
        book = context.shared.call_backs
        return _told(await context.do(person, act, lambda: call_backs.take(book, key, self.owner, self.for_s)))


class CallBackRelease(NamedTuple):
    """`callbacks release`."""

    key: str
    """Canonical number of the person."""
    owner: str
    """Who gives it back."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The call-back as it is then."""
        key, act = canonical(self.key), Act("callbacks release", self.key)
        book = context.shared.call_backs
        return _told(await context.do(person, act, lambda: call_backs.release(book, key, self.owner, time.time())))


class CallBackClose(NamedTuple):
    """`callbacks close`."""

    key: str
    """Canonical number of the person."""
    why: str
    """What settled it."""
    owner: str
    """By whom."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The call-back as it was."""
        key, act = canonical(self.key), Act("callbacks close", self.key)
        book = context.shared.call_backs
        return _told(await context.do(person, act, lambda: call_backs.close(book, key, self.why, self.owner)))


class CallBackOpen(NamedTuple):
    """`callbacks open`."""

    key: str
    """Canonical number of the person."""
    queue: str
    """Whose agents call back, as the policy calls the queue."""
    note: str
    """What it is about."""
    expire_s: int
    """Seconds for which it lives."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The call-back as it is then."""
        key, terms = canonical(self.key), CallBackRules(expire_s=self.expire_s)
        opened = await context.do(
            person,
            Act("callbacks open", key, detail=f"queue {self.queue}"),
            lambda: call_backs.open_one(
                context.shared, key, terms, queue=self.queue, note=self.note, now_s=time.time()
            ),
        )
        return _told(opened)


def _told(entry: CallBack) -> dict[str, Any]:
    return call_backs.as_plain(entry, time.time())
