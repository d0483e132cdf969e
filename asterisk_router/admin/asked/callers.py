"""What is asked for about callers: their record and their tags."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ...callers.caller import Tag
from ...callers.tags import check_tag
from ...errors import RouterError
from ..callers import caller_export, forgetting, setting, tagging
from ..callers.targets import Target
from ..people.acting import Act
from .wish import canonical

if TYPE_CHECKING:
    from ..people.roles import Person
    from .wish import ActContext


class CallerSet(NamedTuple):
    """`caller set`; None leaves a field as it is."""

    key: str
    """Canonical number of the caller."""
    name: str | None
    """Name for the agent's screen."""
    value: int | None
    """Revenue so far, in whole units of the house currency."""
    orders: int | None
    """How many orders they placed."""
    language: str | None
    """Language they want to be spoken to in."""
    own_agent: str | None
    """Their account manager."""
    open_matters: tuple[str, ...] | None
    """All that is open with them now."""
    more_numbers: tuple[str, ...]
    """Canonical numbers to add to theirs."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The caller as stored now."""
        fields = self._asdict()
        key = canonical(fields.pop("key"))
        change = setting.CallerChange(**fields)
        for number in change.more_numbers:
            canonical(number)
        changed = ", ".join(field for field, value in fields.items() if value not in (None, ()))
        act = Act("caller set", key, detail=changed)
        caller = await context.do(person, act, lambda: setting.set_caller(context.shared.book, key, change))
        return caller_export.plain_caller(caller)


class CallerForget(NamedTuple):
    """`caller forget`."""

    key: str
    """Canonical number of the caller."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """What was erased."""
        key = canonical(self.key)
        work = Act("caller forget", key)
        erased = await context.do(person, work, lambda: forgetting.forget_caller(context.shared, key, time.time()))
        return erased._asdict()


class CallerExport(NamedTuple):
    """`caller export`."""

    key: str
    """Canonical number of the caller."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """Everything that is kept of them."""
        key = canonical(self.key)
        work = Act("caller export", key)
        return await context.do(person, work, lambda: caller_export.export_caller(context.shared, key, time.time()))


class TagAdd(NamedTuple):
    """`tag add`."""

    first: str
    """The number, the prefix, or the first number of the range; see `targets.Target`."""
    last: str
    """The last number of a range."""
    is_prefix: bool
    """Whether `first` is a prefix."""
    name: str
    """The tag."""
    author: str
    """Who asserts it."""
    evidence: str
    """What it rests on."""
    confidence: int
    """How sure the author is, in percent."""
    trust: int
    """The least trust of the calling number at which it counts."""
    expires_at_s: int
    """When it stops counting, in seconds since 1970 UTC; 0 for never."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The tag as it is kept: set by who asked, whatever author is named."""
        target = _target(self.first, self.last, self.is_prefix)
        tag = check_tag(Tag(
            self.name, self.author, self.evidence, self.confidence, self.trust, int(time.time()), self.expires_at_s,
            set_by=person.name,
        ))  # fmt: skip
        act = Act("tag add", *target.of_caller(), self.name)
        await context.do(person, act, lambda: tagging.add_tag(context.shared.book, target, tag))
        return tag._asdict()


class TagApprove(NamedTuple):
    """`tag approve`."""

    key: str
    """Canonical number of the caller."""
    name: str
    """The tag."""
    evidence: str
    """What the approval rests on."""
    expires_at_s: int
    """Until when it holds, in seconds since 1970 UTC."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The tag as it is then: approved by who asked."""
        key, now_s = canonical(self.key), int(time.time())
        act = Act("tag approve", key, detail=check_tag(Tag(self.name)).name)
        book = context.shared.book
        approved = await context.do(
            person,
            act,
            lambda: tagging.approve_tag(book, key, self.name, person.name, self.evidence, now_s, self.expires_at_s),
        )
        return approved._asdict()


class TagRemove(NamedTuple):
    """`tag remove`."""

    first: str
    """The number, the prefix, or the first number of the range, as it was tagged."""
    last: str
    """The last number of a range."""
    is_prefix: bool
    """Whether `first` is a prefix."""
    name: str
    """The tag."""

    async def carry_out(self, context: ActContext, person: Person) -> bool:
        """Whether it was there."""
        target = _target(self.first, self.last, self.is_prefix)
        act = Act("tag remove", *target.of_caller(), check_tag(Tag(self.name)).name)
        return await context.do(person, act, lambda: tagging.remove_tag(context.shared.book, target, self.name))


def _target(first: str, last: str, is_prefix: bool) -> Target:
    canonical(first)
    if last and (is_prefix or len(canonical(last)) != len(first) or last < first):
        raise RouterError("that is no range of numbers")
    return Target(first, last, is_prefix)
