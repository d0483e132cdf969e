"""Other pasts a caller could have, the least different first: calls added, taken away, or ended otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...callers.caller import HISTORY_RECENT, CallOutcome, History, PastCall

DAY_S = 86_400
"""A day, in seconds."""

_ENDS: tuple[CallOutcome, ...] = ("answered", "missed")


def pasts(history: History, at_s: float, windows_s: Iterable[int], days: Iterable[int]) -> Iterator[History]:
    """Histories beside `history` at that moment; `windows_s` and `days` are the spans the policy asks about."""
    now_s = int(at_s)
    ages = sorted({600, *(span // 2 for span in windows_s), *(span + 3600 for span in windows_s)} - {0})
    ages += [day * DAY_S + 600 for day in days if day > 0]
    found = [(0, history)]
    for kept, cost in _shortened(history):
        found.append((cost, kept))
        found += [(cost + count, each) for count, each in _ended_otherwise(kept)]
        found += [(cost + count, each) for count, each in _with_more(kept, now_s, ages)]
    yield from (each for _, each in sorted(found, key=lambda pair: pair[0]))


def _shortened(history: History) -> Iterator[tuple[History, int]]:
    """The history whole, without its oldest or latest calls, and empty; with how many were taken away."""
    recent = history.recent
    yield history, 0
    for count in range(1, len(recent)):
        yield _of(history, recent[count:]), count
        yield _of(history, recent[:-count]), count
    if history.calls:
        yield History(last_agent=history.last_agent), history.calls


def _ended_otherwise(history: History) -> Iterator[tuple[int, History]]:
    """The latest calls all answered, or all missed."""
    for count in range(1, len(history.recent) + 1):
        for end in _ENDS:
            changed = tuple(past._replace(outcome=end) for past in history.recent[-count:])
            yield count, history._replace(recent=history.recent[:-count] + changed)


def _with_more(history: History, now_s: int, ages_s: Iterable[int]) -> Iterator[tuple[int, History]]:
    """More calls, a minute apart, of one age and one end."""
    for age_s in ages_s:
        for count in range(1, HISTORY_RECENT - len(history.recent) + 1):
            for end in _ENDS:
                more = tuple(PastCall(now_s - age_s - 60 * place, end) for place in range(count))
                yield count, _of(history, history.recent + more)


def _of(history: History, recent: tuple[PastCall, ...]) -> History:
    """The history with other latest calls, its counts following them."""
    ordered = tuple(sorted(recent, key=lambda past: past.at_s))
    calls = history.calls - len(history.recent) + len(ordered)
    if calls == len(ordered):
        return History(calls, ordered[0].at_s, ordered[-1].at_s, history.last_agent, ordered)
    return history._replace(calls=calls, last_at_s=ordered[-1].at_s, recent=ordered)
