"""A caller book in memory: what the book of the store must do, without a store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

from .caller import Caller, Tag
from .caller_book import Found
from .joining import enrich, join
from .number_ranges import NumberRanges, TaggedRange


class MemoryBook:
    """Every caller in one dict, gone with the process: for `route` without a store, replay and tests."""

    persistent = False
    """Whether what is written outlives this process: it does not."""

    def __init__(self, callers: Iterable[Caller] = ()) -> None:
        self.ranges = NumberRanges()
        """Tags of number ranges and prefixes."""
        self._callers: dict[str, Caller] = {}
        for caller in callers:
            self._put(Caller.UNKNOWN, caller)

    def find(self, key: str, found: Found) -> None:
        """Tell `found` at once."""
        found(self._callers.get(key, Caller.UNKNOWN), False)

    async def show(self, key: str) -> Caller:
        """The caller behind a number."""
        return self._callers.get(key, Caller.UNKNOWN)

    async def update(self, key: str, change: Callable[[Caller], Caller]) -> Caller:
        """Change one caller under all of their numbers; numbers of somebody else join the two."""
        known = self._callers.get(key, Caller.UNKNOWN)
        caller = change(known)
        if not caller.numbers:
            caller = caller._replace(numbers=(key,))
        for number in caller.numbers:
            other = self._callers.get(number)
            if other and number not in known.numbers:
                caller = join(caller, other)
        self._put(known, caller)
        return caller

    async def save_many(self, callers: Iterable[Caller]) -> int:
        """Store records of an import; what is known and not in them stays."""
        saved = 0
        for imported in callers:
            await self.update(imported.numbers[0], lambda known, imported=imported: enrich(known, imported))  # type: ignore[misc]
            saved += 1
        return saved

    async def forget(self, key: str) -> bool:
        """Remove a person under all of their numbers; whether there was one."""
        known = self._callers.get(key)
        if known:
            self._put(known, Caller.UNKNOWN)
        return known is not None

    async def callers(self, unreadable: list[str] | None = None) -> AsyncIterator[Caller]:
        """Every caller on record; each can be read."""
        for number, caller in list(self._callers.items()):
            if caller.numbers[0] == number:
                yield caller

    async def tag_range(self, first: str, last: str, tag: Tag) -> None:
        """Tag every number from `first` to `last`; raises TagError."""
        self._tag(TaggedRange(first, last, tag))

    async def tag_prefix(self, prefix: str, tag: Tag) -> None:
        """Tag every number that begins with `prefix`; raises TagError."""
        self._tag(TaggedRange(prefix, "", tag))

    async def untag_range(self, first: str, last: str, name: str) -> bool:
        """Take a tag off a range (`last` empty: a prefix); whether it was there."""
        place = (first, last, name)
        kept = [entry for entry in self.ranges.entries if (entry.first, entry.last, entry.tag.name) != place]
        removed = len(kept) < len(self.ranges.entries)
        self.ranges.replace(kept)
        return removed

    def _tag(self, tagged: TaggedRange) -> None:
        place = (tagged.first, tagged.last, tagged.tag.name)
        others = [entry for entry in self.ranges.entries if (entry.first, entry.last, entry.tag.name) != place]
        self.ranges.replace([*others, tagged])

    def _put(self, known: Caller, caller: Caller) -> None:
        for number in known.numbers:
            self._callers.pop(number, None)
        for number in caller.numbers:
            self._callers[number] = caller
