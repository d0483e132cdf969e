"""A call-back: one open entry for each person whose call nobody took, made of the calls they are owed one for.

News of calls comes late, in any order and more than once, for a daemon may have been cut off from the store for hours.
So an entry is its missed calls, each known by its unique ID, and a conversation closes those that rang before it
began: the same news in whatever order leave the same entry, or none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, Literal, NamedTuple, Protocol

from .caller import Caller
from .registered_call import EndedCall

Reason = Literal["missed", "asked"]
"""`missed`: nobody took the call; `asked`: the caller asked to be called back, and keeps their place in the queue."""

News = Literal["", "missed", "spoke", "tried"]
"""What the end of a call means for call-backs: nothing; one is owed; they were spoken with; called in vain."""

MISSES_KEPT: Final = 8
"""How many missed calls an entry keeps one by one: the first and the latest."""

TRIED_KEPT: Final = 4
"""How many calls in vain an entry remembers, so that a report that comes twice counts once."""


class CallBackTerms(Protocol):
    """What the policy says of call-backs (`[call_backs]`), as far as an entry's life depends on it."""

    @property
    def attempts(self) -> int:
        """How often a person is called before the entry is given up."""

    @property
    def pause_s(self) -> int:
        """Seconds between two attempts."""

    @property
    def expire_s(self) -> int:
        """Seconds after the latest missed call when nobody need be called any more."""


class Miss(NamedTuple):
    """One call that is owed a call-back."""

    uniqueid: str
    """Asterisk's unique ID of the call."""
    number: str
    """Canonical number it came from."""
    at_s: float
    """When it rang, in seconds since 1970 UTC."""
    waits_since_s: float
    """When the caller began to wait, in seconds since 1970 UTC; kept over menus and queues."""
    asked: bool = False
    """Whether the caller asked for the call-back."""


class CallBackFields(NamedTuple):
    """One person to be called back; use it as `CallBack`, which adds what follows from the fields."""

    person: str = ""
    """The person's chief number: the name of the entry."""
    numbers: tuple[str, ...] = ()
    """All numbers the person is known by, canonical."""
    name: str = ""
    """Name, for whoever calls back."""
    value: int = 0
    """Revenue with the caller so far, in whole units of the house currency."""
    caller_class: str = ""
    """Class of the latest missed call, by the policy."""
    head_start_s: int = 0
    """Waiting granted in advance to that class."""
    queue: str = ""
    """Queue of the latest missed call, as the policy calls it: whose agents call back."""
    line: str = ""
    """Number (DID) called last, for the agent's greeting and the caller ID shown."""
    misses: tuple[Miss, ...] = ()
    """The calls it is owed for, in the order they rang: the first and the latest, at most `MISSES_KEPT`."""
    missed: int = 0
    """How many they are in all."""
    attempts: int = 0
    """How often the person was called back in vain, or is being called now."""
    next_attempt_at_s: float = 0.0
    """When the next attempt may be made, in seconds since 1970 UTC; 0 for at once."""
    owner: str = ""
    """Who has taken it: an agent's name, or the dialler of a PBX; empty for nobody yet."""
    owned_until_s: float = 0.0
    """Until when it is theirs, in seconds since 1970 UTC; after that it is anybody's."""
    expires_at_s: float = 0.0
    """When nobody need be called any more, in seconds since 1970 UTC."""
    note: str = ""
    """What a person wrote to it."""
    tried: tuple[str, ...] = ()
    """Unique IDs of the latest calls in vain."""


class CallBack(CallBackFields):
    """One person to be called back, or `CallBack.CLOSED`: nobody."""

    __slots__ = ()
    CLOSED: ClassVar[CallBack]
    """No entry."""

    @property
    def is_open(self) -> bool:
        """Whether anybody is to be called."""
        return bool(self.misses)

    @property
    def reason(self) -> Reason:
        """Why the person is called back."""
        return "asked" if any(miss.asked for miss in self.misses) else "missed"

    @property
    def number(self) -> str:
        """The number to call: the one they called from last."""
        return self.misses[-1].number

    @property
    def opened_at_s(self) -> float:
        """When the first of the missed calls rang, in seconds since 1970 UTC."""
        return self.misses[0].at_s

    @property
    def last_missed_at_s(self) -> float:
        """When the latest of them rang, in seconds since 1970 UTC."""
        return self.misses[-1].at_s

    @property
    def waits_since_s(self) -> float:
        """Since when the caller waits, in seconds since 1970 UTC: who asked for a call-back keeps their rank by it."""
        return min(miss.waits_since_s for miss in self.misses if miss.asked or self.reason == "missed")

    def is_owned(self, now_s: float) -> bool:
        """Whether somebody has it in hand at `now_s`."""
        return bool(self.owner) and now_s < self.owned_until_s


CallBack.CLOSED = CallBack()


class ClosedCallBack(NamedTuple):
    """A call-back that is settled, kept for a while for whoever asks what became of it."""

    entry: CallBack
    """As it last was."""
    at_s: float
    """When it was closed, in seconds since 1970 UTC."""
    why: str
    """`they called`, `called back`, `no answer`, `expired`, or what the person who closed it wrote."""
    by: str = ""
    """Who spoke with them or closed it; empty for nobody."""


def news_of(ended: EndedCall) -> News:
    """What the end of a call means for call-backs.

    A caller who asked for one is owed it whatever their class; else the policy's `call_back` of the class decides.
    """
    if ended.outcome == "answered":
        return "spoke"
    if ended.direction == "out":
        return "tried" if ended.outcome == "missed" else ""
    owed = ended.how == "call-back-asked" or (ended.outcome == "missed" and ended.call_back)
    return "missed" if owed else ""


def spoke_at_s(ended: EndedCall) -> float:
    """When the conversation of an answered call began: who rang before that, by any number, has been spoken with.

    Where its length is not known, the moment it rang: rather one call-back too many than a caller forgotten.
    """
    return max(ended.began_at_s, ended.ended_at_s - ended.talked_s) if ended.talked_s else ended.began_at_s


def numbers_of(ended: EndedCall, caller: Caller) -> tuple[str, ...]:
    """Every number the other side of a call is known by, the chief one first; none when it was withheld."""
    return tuple(dict.fromkeys(filter(None, (*caller.numbers, ended.call_back_id, ended.number))))


def owed(ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
    """The entry that one missed call makes; CLOSED without a number to call."""
    numbers = numbers_of(ended, caller)
    if not numbers:
        return CallBack.CLOSED
    asked = ended.how == "call-back-asked"
    number, waits_since_s = ended.number or numbers[0], ended.waits_since_s or ended.began_at_s
    miss = Miss(ended.uniqueid, number, ended.began_at_s, waits_since_s, asked)
    return CallBack(
        person=numbers[0],
        numbers=numbers,
        name=caller.name,
        value=caller.value,
        caller_class=ended.caller_class,
        head_start_s=ended.head_start_s,
        queue=ended.queue,
        line=ended.line,
        misses=(miss,),
        missed=1,
        expires_at_s=ended.began_at_s + terms.expire_s,
    )


def joined(known: CallBack, news: CallBack) -> CallBack:
    """One entry out of two of the same person; `news` knows better who they are, the later call what they wanted.

    A newer call may be called back at once: the person is at the telephone. Whoever has one in hand has both.
    """
    if not known.is_open or not news.is_open:
        return known if known.is_open else news
    by_uniqueid = {miss.uniqueid: miss for miss in known.misses + news.misses}
    twice = len(known.misses) + len(news.misses) - len(by_uniqueid)
    if twice == len(news.misses) and news.numbers == known.numbers:
        return known
    misses = sorted(by_uniqueid.values(), key=_rang)
    later = max(known, news, key=lambda entry: _rang(entry.misses[-1]))
    holder = max(known, news, key=lambda entry: entry.owned_until_s)
    return CallBack(
        person=news.person,
        numbers=tuple(dict.fromkeys(news.numbers + known.numbers)),
        name=news.name or known.name,
        value=news.value or known.value,
        caller_class=later.caller_class,
        head_start_s=later.head_start_s,
        queue=later.queue,
        line=later.line,
        misses=tuple(misses[:1] + misses[1:][1 - MISSES_KEPT :]),
        missed=known.missed + news.missed - twice,
        attempts=max(known.attempts, news.attempts),
        next_attempt_at_s=later.next_attempt_at_s,
        owner=holder.owner,
        owned_until_s=holder.owned_until_s,
        expires_at_s=max(known.expires_at_s, news.expires_at_s),
        note=news.note or known.note,
        tried=tuple(dict.fromkeys(known.tried + news.tried))[-TRIED_KEPT:],
    )


def spoken(entry: CallBack, at_s: float) -> CallBack:
    """The entry after a conversation that began at `at_s`: owed only for the calls that rang later, or closed."""
    left = tuple(miss for miss in entry.misses if miss.at_s > at_s)
    if len(left) == len(entry.misses):
        return entry
    return entry._replace(misses=left, missed=len(left)) if left else CallBack.CLOSED


def united(entries: Iterable[CallBack]) -> list[CallBack]:
    """Entries with those joined that turn out to be of one person, having a number in common."""
    whole: dict[str, CallBack] = {}
    for entry in entries:
        others: dict[str, CallBack] = {
            whole[number].person: whole[number] for number in entry.numbers if number in whole
        }
        for other in others.values():
            entry = joined(other, entry) if len(entry.numbers) >= len(other.numbers) else joined(entry, other)
        for number in entry.numbers:
            whole[number] = entry
    return list({entry.person: entry for entry in whole.values()}.values())


def _rang(miss: Miss) -> tuple[float, str]:
    return miss.at_s, miss.uniqueid
