"""Forgets a caller everywhere, in an order in which it can be killed at any step and begun again.

First the mark, after which no daemon registers a call of theirs that has begun already; then what can be told from
the number alone; the caller's record last, for it alone tells all of their numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...errors import CallerRecordError, RouterError

if TYPE_CHECKING:
    from ..ports import Shared


class Erased(NamedTuple):
    """What was erased of one caller."""

    numbers: int
    """How many numbers of theirs were known."""
    caller: bool
    """Whether there was a record of them: name, tags with their evidence, history."""
    calls: int
    """Records of calls, beginnings and ends, in the registry."""
    call_backs: int
    """Call-backs, open and settled."""
    acts: int
    """Entries that led from the record of acts to them."""
    journal: int | None
    """Records of calls in the journals of the state directory; None where this user may not write there."""
    daemons: int
    """Daemons that have forgotten them as well."""
    daemons_silent: int
    """Daemons that have not yet: each does when it goes on."""
    files: str
    """Why Redis did not write its files anew, in which the caller then still is; empty when it did, or keeps none."""

    @property
    def anything(self) -> bool:
        """Whether anybody was known."""
        return bool(self.caller or self.calls or self.call_backs or self.journal)


async def forget_caller(shared: Shared, key: str, now_s: float) -> Erased:
    """Erase the person behind a canonical number, under all of their numbers, readable or not.

    Done again, it erases what is left. Raises RouterError where there was nothing, StoreError when it must be done
    again.
    """
    numbers = await numbers_of(shared, key)
    erasure = shared.erasure
    until_s = await erasure.mark(numbers, now_s)
    calls = await erasure.erase_calls([*numbers, *await erasure.pseudonyms(numbers)])
    call_backs = await shared.call_backs.erase(numbers)
    acts = await shared.acts.forget(numbers)
    journal = await _erase_journals(shared, numbers)
    known = await _forget_all(shared, key, numbers)
    heard = await erasure.heard(until_s)
    # what a daemon had in its hands when it heard of it
    call_backs += await shared.call_backs.erase(numbers)
    for number in numbers:
        if (await shared.book.show(number)).history.first_at_s < until_s:
            await shared.book.forget(number)
    erased = Erased(
        numbers=len(numbers),
        caller=known,
        calls=calls,
        call_backs=call_backs,
        acts=acts,
        journal=journal,
        daemons=heard.clean,
        daemons_silent=heard.silent,
        files=await erasure.rewrite_files(),
    )
    if not erased.anything:
        raise RouterError(f"nobody is known under {key}")
    return erased


async def numbers_of(shared: Shared, key: str) -> list[str]:
    """All numbers of a person, the one asked for first."""
    try:
        numbers = {*(await shared.book.show(key)).numbers}
    except CallerRecordError:
        numbers = set()
    for entry in await shared.call_backs.entries():
        if key in entry.numbers or not numbers.isdisjoint(entry.numbers):
            numbers |= {*entry.numbers}
    return [key, *sorted(numbers - {key})]


async def _erase_journals(shared: Shared, numbers: list[str]) -> int | None:
    try:
        return await shared.erasure.erase_journals(numbers)
    except OSError:
        return None


async def _forget_all(shared: Shared, key: str, numbers: list[str]) -> bool:
    """The records under every number, that of the one asked for last: it tells the others if this is done again."""
    known = [await shared.book.forget(number) for number in (*numbers[1:], key)]
    return any(known)
