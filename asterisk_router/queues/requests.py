"""What people ask the daemon that leads a PBX to do there, and how it travels."""

from __future__ import annotations

from typing import Any, NamedTuple


class PromoteCaller(NamedTuple):
    """Give a waiting caller another head start: they are re-ordered at once."""

    queue: str
    """The queue's name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""
    head_start_s: int
    """Their head start from now on, in place of the one they had."""


class WithdrawWaiting(NamedTuple):
    """Take a waiting caller out of the queue and offer them a call-back."""

    queue: str
    """The queue's name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel."""


class PullReserve(NamedTuple):
    """Put an agent into a queue, to help out."""

    agent: str
    """By name in the policy's `[agents]`, or an interface such as `PJSIP/anna`."""
    queue: str
    """By its name in the policy, or in Asterisk."""
    ask: bool = False
    """Whether their telephone rings first and they press a key to agree."""


class ReleaseReserve(NamedTuple):
    """Take an agent who helps out off the queue again; a conversation goes on."""

    agent: str
    """By name in the policy's `[agents]`, or an interface such as `PJSIP/anna`."""
    queue: str
    """By its name in the policy, or in Asterisk."""


Wish = PromoteCaller | WithdrawWaiting | PullReserve | ReleaseReserve
"""Everything that can be asked."""

EMPTY: dict[str, Wish] = {
    "promote": PromoteCaller("", "", 0),
    "withdraw": WithdrawWaiting("", ""),
    "pull-reserve": PullReserve("", ""),
    "release-reserve": ReleaseReserve("", ""),
}
"""What each is called on its way, and of which types its fields are."""

_NAMES = {type(wish): name for name, wish in EMPTY.items()}


class Request(NamedTuple):
    """A wish with its way back."""

    id: str
    """Under which its answer is told."""
    wish: Wish
    """What is asked."""
    author: str = ""
    """Who asks, for the log and for the card of who was pulled in."""


def as_plain(wish: Wish, author: str) -> dict[str, Any]:
    """A wish ready to be written as JSON.

    >>> as_plain(ReleaseReserve("anna", "sales"), "eva")
    {'do': 'release-reserve', 'author': 'eva', 'agent': 'anna', 'queue': 'sales'}
    """
    return {"do": _NAMES[type(wish)], "author": author, **wish._asdict()}


def read_wish(plain: dict[str, Any]) -> Wish:
    """The wish in what `as_plain` made; raises ValueError for what this release cannot do, or cannot read."""
    empty: Any = EMPTY.get(str(plain.get("do")))
    if empty is None:
        raise ValueError(f"this daemon cannot do {plain.get('do')!r}: it is of another release")
    for name, value in empty._asdict().items():
        if type(plain.get(name)) is not type(value):
            raise ValueError(f"{plain['do']} needs {name}: who asks is of another release")
    wish: Wish = empty._make(plain[name] for name in empty._fields)
    return wish
