"""What people do with one caller: set what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...callers.caller import Caller
from ...callers.tags import without_approvals

if TYPE_CHECKING:
    from ...callers.caller_book import CallerBook


class CallerChange(NamedTuple):
    """What a person knows better than the record; None leaves a field as it is."""

    name: str | None = None
    """Name for the agent's screen."""
    value: int | None = None
    """Revenue with the caller so far, in whole units of the house currency."""
    orders: int | None = None
    """How many orders they placed."""
    language: str | None = None
    """Language they want to be spoken to in."""
    own_agent: str | None = None
    """Their account manager, by name in the policy's `[agents]`."""
    open_matters: tuple[str, ...] | None = None
    """All that is open with them now, in place of what was."""
    more_numbers: tuple[str, ...] = ()
    """Canonical numbers to add to those the person already has."""

    def of(self, caller: Caller, key: str) -> Caller:
        """`caller`, found or made under `key`, as this change leaves them."""
        known = {field: value for field, value in self._asdict().items() if value is not None}
        numbers = dict.fromkeys((*(caller.numbers or (key,)), *known.pop("more_numbers")))
        if caller.numbers and len(numbers) > len(caller.numbers):
            caller = without_approvals(caller)
        return caller._replace(numbers=tuple(numbers), **known)


async def set_caller(book: CallerBook, key: str, change: CallerChange) -> Caller:
    """Change the caller behind a canonical number under all of their numbers; returns what is stored now."""
    return await book.update(key, lambda caller: change.of(caller, key))
