"""Calls of a log of events, put together: the first line says who called, further ones what became of the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .block_reader import Skipped
from .past_call import TOGETHER_S, UNKNOWN, LoggedCall
from .row_reader import Dirty, Found, Further

TELLS_MORE = Skipped("a further event of a call")
"""What a further line is counted as."""


def whole_calls(found: Iterable[Found], later: Iterable[Found]) -> Iterator[LoggedCall | Dirty | Skipped]:
    """What some lines of a log are, each call with what is told of it further on, be it in `later` lines.

    `later` is read as long as a call has no end, and TOGETHER_S at most: lines between which a log is cut belong to the
    call all the same. Further lines of calls that began before these lines are counted and tell nothing here.
    """
    begun: dict[str, _Begun] = {}
    latest_s = 0
    for each in found:
        if isinstance(each, Further):
            latest_s = each.at_s
            yield TELLS_MORE
            yield from _told(begun, each)
        elif isinstance(each, LoggedCall) and each.call_id:
            latest_s = each.at_s
            if each.call_id in begun:
                yield begun[each.call_id].call
            begun[each.call_id] = _Begun(each)
        else:
            yield each
    for each in later if begun else ():
        if isinstance(each, (Further, LoggedCall)) and each.at_s > latest_s + TOGETHER_S:
            break
        if isinstance(each, Further):
            yield from _told(begun, each)
        elif isinstance(each, LoggedCall) and each.call_id in begun:
            yield begun.pop(each.call_id).call
        if not begun:
            break
    for left in begun.values():
        yield left.call


@dataclass
class _Begun:
    """A call whose end is not read yet."""

    call: LoggedCall
    answered_at_s: int = 0


def _told(begun: dict[str, _Begun], more: Further) -> Iterator[LoggedCall]:
    """The call that this line ends, if it ends one."""
    one = begun.get(more.call_id)
    if one is None:
        return
    before = one.call.outcome
    one.call = one.call._replace(**more.fields)
    if one.call.outcome == "answered" and before != "answered":
        one.answered_at_s = more.at_s
    if more.ends:
        if one.call.talk_s == UNKNOWN and one.answered_at_s:
            one.call = one.call._replace(talk_s=max(more.at_s - one.answered_at_s, 0))
        del begun[more.call_id]
        yield one.call
