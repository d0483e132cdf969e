"""Everything that is kept of one person, as one JSON document: what they may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...callers.registered_call import BeganCall, EndedCall
from ...errors import ActRecordError, RouterError
from ...wire.act_record import decode
from ..call_backs import as_plain, closed_as_plain
from .forgetting import numbers_of
from .tagging import range_tags

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..ports import Shared

MOST_CLOSED = 1000
"""How many settled call-backs there are at most."""

OF_THEM = ("caller", "calls", "call_backs", "settled_call_backs", "last_spoken_with_at_s")
"""What is only there where somebody is known."""


async def export_caller(shared: Shared, key: str, now_s: float) -> dict[str, Any]:
    """What is kept of the person behind a canonical number, under all of their numbers; times are seconds since 1970.

    Raises RouterError where nothing is, StoreError.
    """
    numbers = await numbers_of(shared, key)
    caller = await shared.book.show(key)
    names = {*numbers, *await shared.erasure.pseudonyms(numbers)}
    open_ones = [entry for entry in await shared.call_backs.entries() if names & {*entry.numbers}]
    settled = [each for each in await shared.call_backs.closed(MOST_CLOSED) if names & {*each.entry.numbers}]
    found = {
        "number": key,
        "numbers": numbers,
        "exported_at_s": int(now_s),
        "caller": None if not caller.numbers else plain_caller(caller),
        "tags_of_ranges": [
            {"on": str(placed.target), **placed.tag._asdict()}
            for placed in range_tags(shared.book)
            if any(placed.target.holds(number) for number in numbers)
        ],
        "calls": await _calls(shared, names),
        "call_backs": [as_plain(entry, now_s) for entry in open_ones],
        "settled_call_backs": [closed_as_plain(each) for each in settled],
        "last_spoken_with_at_s": await shared.call_backs.spoke_at_s(tuple(numbers)),
        "acts": await _acts(shared, names),
    }
    if not any(found[name] for name in OF_THEM):
        raise RouterError(f"nobody is known under {key}")
    return found


def plain_caller(caller: Any) -> dict[str, Any]:
    """A caller record as dicts and lists, under the names of its fields."""
    plain = caller._asdict()
    plain["tags"] = [tag._asdict() for tag in caller.tags]
    plain["history"] = caller.history._asdict()
    plain["history"]["recent"] = [past._asdict() for past in caller.history.recent]
    return dict(plain)


async def _calls(shared: Shared, names: Collection[str]) -> list[dict[str, Any]]:
    """Every record of the registry that has one of the numbers, or what stands for it in old records."""
    found = []
    position, further = "", "0"
    while position != further:
        position = further
        records, further = await shared.calls.after(position)
        for record in records:
            if isinstance(record, BeganCall) and record.number in names:
                found.append({"kind": "began", **record._asdict()})
            elif isinstance(record, EndedCall) and (record.number in names or record.call_back_id in names):
                found.append({"kind": "ended", **record._asdict()})
    return found


async def _acts(shared: Shared, names: Collection[str]) -> list[dict[str, Any]]:
    """What people did to them."""
    tokens = {token for token, number in (await shared.acts.subjects()).items() if number in names}
    found = []
    for number, line in enumerate(await shared.acts.lines() if tokens else (), 1):
        try:
            note = decode(line).note
        except ActRecordError:
            continue
        if note.subject in tokens:
            plain = note._asdict()
            del plain["id"]
            found.append({"number": number, **plain})
    return found
