"""Who is calling: the words the rest of the router uses for a person behind one or several numbers."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

CallOutcome = Literal["unknown", "answered", "missed"]
"""How a past call ended; `unknown` until the live line tells."""


class Tag(NamedTuple):
    """One thing somebody asserted about a caller, with what it rests on."""

    name: str
    """The word the policy asks for, `tag('supplier')`: small letters, digits and dashes."""
    author: str = ""
    """Who set it: a person, or the import it came from."""
    evidence: str = ""
    """What it rests on: a contract number, a ticket, a file name."""
    confidence: int = 100
    """How sure the author is, in percent."""
    trust: int = 1
    """The least trust (0 for E0 ... 4 for E4) of the calling number at which the tag counts."""
    created_at_s: int = 0
    """When it was set, in seconds since 1970 UTC."""
    expires_at_s: int = 0
    """When it stops counting, in seconds since 1970 UTC; 0 for never."""
    set_by: str = ""
    """The person who gave the command, as the machine knows them, whatever they call the author; empty of an import."""
    approved_by: str = ""
    """Who approved it besides its author, where a tag needs two persons; empty for nobody."""
    approved_at_s: int = 0
    """When, in seconds since 1970 UTC; 0 for never."""
    suspended_at_s: int = 0
    """When the approval was suspended because the caller asked for a person; 0 where it holds."""


class PastCall(NamedTuple):
    """One earlier call of this person."""

    at_s: int
    """When it rang, in seconds since 1970 UTC."""
    outcome: CallOutcome = "unknown"
    """How it ended."""
    line: str = ""
    """The line (DID) that was called."""


class History(NamedTuple):
    """The digest of a person's calls that rides inside the caller record, so one look-up answers the policy."""

    calls: int = 0
    """All calls ever, also those older than `recent`."""
    first_at_s: int = 0
    """When the first call rang, in seconds since 1970 UTC; 0 when there was none."""
    last_at_s: int = 0
    """When the latest call rang, in seconds since 1970 UTC; 0 when there was none."""
    last_agent: str = ""
    """The agent who last spoke with the caller."""
    recent: tuple[PastCall, ...] = ()
    """The latest calls, oldest first, at most `HISTORY_RECENT` of them."""


HISTORY_RECENT = 16
"""How many past calls a history digest keeps one by one."""


class CallerFields(NamedTuple):
    """What is known about a caller; use it as `Caller`, which adds the one nobody knows."""

    numbers: tuple[str, ...] = ()
    """Every number of the person, canonical (`Number.key`), the chief one first; empty for the unknown."""
    name: str = ""
    """Name for the agent's screen."""
    tags: tuple[Tag, ...] = ()
    """What people asserted about the caller; expired ones are still here, the policy skips them."""
    value: int = 0
    """Revenue with this caller so far, in whole units of the house currency."""
    orders: int = 0
    """How many orders they placed."""
    language: str = ""
    """Language they want to be spoken to in, as Asterisk writes it (`sk`, `en_GB`)."""
    own_agent: str = ""
    """The account manager, by their name in the policy's `[agents]`."""
    open_matters: tuple[str, ...] = ()
    """What is open with them now: `incident`, `complaint`, `deal`."""
    history: History = History()
    """Their calls so far."""


class Caller(CallerFields):
    """A person behind one or several numbers, as the policy sees them.

    There is no None: somebody never seen is `Caller.UNKNOWN`.
    """

    __slots__ = ()
    UNKNOWN: ClassVar[Caller]
    """Somebody never seen: no numbers, no tags, no calls."""


Caller.UNKNOWN = Caller()
