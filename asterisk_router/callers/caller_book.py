"""The port through which the call path finds a caller and people change one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Protocol

from .caller import Caller, Tag
from .number_ranges import NumberRanges

Found = Callable[[Caller, bool], None]
"""Told exactly once per `find`: the caller (`Caller.UNKNOWN` if never seen), and whether the store failed."""


class CallerBook(Protocol):
    """Every caller the router knows, wherever they are kept."""

    persistent: bool
    """Whether what is written outlives this process; acts of people are refused where it does not."""

    @property
    def ranges(self) -> NumberRanges:
        """Tags of number ranges and prefixes, mirrored in memory: one object for the life of the book."""

    def find(self, key: str, found: Found) -> None:
        """Find the caller behind a canonical number in one round trip and tell `found`, without ever raising.

        A store that is slow, gone or lying gives `found(Caller.UNKNOWN, True)`: unknown caller, degraded.
        May call `found` before returning.
        """

    async def show(self, key: str) -> Caller:
        """The caller behind a number, for people; raises StoreUnavailableError, CallerRecordError."""

    async def update(self, key: str, change: Callable[[Caller], Caller]) -> Caller:
        """Change one caller under all of their numbers, nobody else's change lost; returns what is stored now.

        A number that belonged to somebody else until now joins the two into one caller (`callers/joining`).
        """

    async def save_many(self, callers: Iterable[Caller]) -> int:
        """Store whole records fast (imports), in small bites so that no call waits; returns how many."""

    async def forget(self, key: str) -> bool:
        """Remove a person under all of their numbers; whether there was one."""

    def callers(self, unreadable: list[str] | None = None) -> AsyncIterator[Caller]:
        """Every caller on record, in no order, read in bites; raises StoreUnavailableError.

        A record that cannot be read is passed over, and its number added to `unreadable`.
        """

    async def tag_range(self, first: str, last: str, tag: Tag) -> None:
        """Tag every number from `first` to `last` (canonical, same length), e.g. those of an authority."""

    async def tag_prefix(self, prefix: str, tag: Tag) -> None:
        """Tag every number that begins with `prefix` (canonical)."""

    async def untag_range(self, first: str, last: str, name: str) -> bool:
        """Take the tag `name` off a range (`last` empty: off the prefix `first`); whether it was there."""
