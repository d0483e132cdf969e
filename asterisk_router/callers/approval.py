"""What takes two people: one asks, another one approves in time, and only then it counts."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..errors import NotAllowedError

State = Literal["asked", "approved", "expired"]
"""`asked` waits for the second person; `approved` counts; `expired` must be asked anew."""

ASKED_FOR_S = 7 * 86_400
"""How long an approval is waited for unless told otherwise: long enough for a colleague's week off."""


class Approval(NamedTuple):
    """Something asked for by one person, and by whom it was approved."""

    asked_by: str
    """Who asks: a person's name as `admin/people` has it, never what they call themselves."""
    asked_at_s: float
    """When, in seconds since 1970 UTC."""
    ask_ends_at_s: float
    """Until when it may be approved."""
    approved_by: str = ""
    """Who approved; empty for nobody yet."""
    approved_at_s: float = 0.0
    """When; 0 for not yet."""

    def state(self, now_s: float) -> State:
        """How far it has come.

        >>> asked("eva", 0.0).state(60.0)
        'asked'
        """
        if self.counts:
            return "approved"
        return "asked" if now_s < self.ask_ends_at_s else "expired"

    @property
    def counts(self) -> bool:
        """Whether two different people stand behind it, the second in time: also for one read from a store."""
        return (
            bool(self.asked_by.strip() and self.approved_by.strip())
            and not same_person(self.asked_by, self.approved_by)
            and self.asked_at_s <= self.approved_at_s < self.ask_ends_at_s
        )


def asked(by: str, now_s: float, for_s: float = ASKED_FOR_S) -> Approval:
    """Begin: somebody asks, and for so long it may be approved. Raises NotAllowedError for nobody."""
    if not by.strip():
        raise NotAllowedError("nobody asks", remedy="a person has to, by name")
    return Approval(by, now_s, now_s + for_s)


def approved(approval: Approval, by: str, now_s: float) -> Approval:
    """Another person approves; one that counts already stays as it is.

    Raises NotAllowedError where it is nobody, the same person, too late, or before it was asked (a clock that jumped).
    """
    if approval.counts:
        return approval
    if not by.strip():
        raise NotAllowedError("nobody approves", remedy="a person has to, by name")
    if same_person(by, approval.asked_by):
        raise NotAllowedError(f"{by} asked for it and cannot approve it", remedy="ask another person to approve")
    if now_s >= approval.ask_ends_at_s:
        raise NotAllowedError("it was not approved in time", remedy="ask anew")
    if now_s < approval.asked_at_s:
        raise NotAllowedError("it was asked for later than now", remedy="set the clock of this machine")
    return approval._replace(approved_by=by, approved_at_s=now_s)


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's; capitals and blanks around make no second person.

    >>> same_person("Eva Nova", "eva nova ")
    True
    """
    return one.strip().casefold() == other.strip().casefold()
