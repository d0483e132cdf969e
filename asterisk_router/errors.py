"""What can go wrong, said so that whoever reads it knows where to look and what to do.

No call ever sees one of these: on the call path every fault becomes the default branch and `degraded`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]
"""What a fault of a policy does: an `error` refuses it, a `warning` only where that is asked for."""


class RouterError(Exception):
    """Root of every error this product raises on purpose.

    `problem` says what is wrong, `where` the file:line, rule, URL or row (empty when there is none), and
    `remedy` what to do about it (empty when the problem says it already).
    """

    def __init__(self, problem: str, *, where: str = "", remedy: str = "") -> None:
        self.problem = problem
        self.where = where
        self.remedy = remedy
        super().__init__(problem)

    def __str__(self) -> str:
        located = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{located} ({self.remedy})" if self.remedy else located


class SettingsError(RouterError):
    """A setting of the daemon (option, environment variable, address, URL) cannot be used."""


class NumberingPlanError(RouterError):
    """A numbering plan cannot be used: unknown country, bad Asterisk pattern, bad prefix."""


class PolicyFault(NamedTuple):
    """One thing wrong in a policy, or in a map of columns, placed to the character."""

    file: str
    """Path (or shipped name) of the policy file."""
    line: int
    """Line in that file, counted from 1."""
    column: int
    """Column in that line, counted from 1."""
    problem: str
    """What is wrong, in the words of the policy language."""
    remedy: str = ""
    """What to write instead; the nearest right word where there is one."""
    severity: Severity = "error"
    """Whether it refuses the policy."""

    def __str__(self) -> str:
        marked = "warning: " if self.severity == "warning" else ""
        text = f"{self.file}:{self.line}:{self.column}: {marked}{self.problem}"
        return f"{text} ({self.remedy})" if self.remedy else text


class PolicyError(RouterError):
    """A policy is refused, with every fault found in it, warnings too; whatever policy was in force stays in force."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ColumnMapError(RouterError):
    """A map of a log's columns cannot be used, or does not fit the log; with every fault found."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class LogError(RouterError):
    """A log of past calls is none: it is empty, compressed, or not written in lines of bytes."""


class BacktestError(RouterError):
    """Past calls cannot be played again: what was kept of an interrupted run does not fit, or a process was lost."""


class StoreError(RouterError):
    """The store of callers refused or failed an act of a person; calls go on with unknown callers."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached, or did not answer in time."""


class CallerRecordError(StoreError):
    """A stored caller record cannot be read: not ours, cut short, or written by a newer release."""


class CallRecordError(StoreError):
    """A record of the registry cannot be read: not ours, damaged, or written by a newer release."""


class CallBackRecordError(StoreError):
    """A stored call-back cannot be read: not ours, cut short, or written by a newer release."""


class ActRecordError(StoreError):
    """The record of acts cannot be read, or does not hold together; `where` is the first record concerned."""


class NotAllowedError(RouterError):
    """Whoever gives a command may not: their role does not reach that far, or nobody knows who they are."""


class TagError(RouterError):
    """A tag, or the range of numbers it is put on, breaks the rules for tags."""


class AmiError(RouterError):
    """The manager interface of a PBX is away, refused us, broke its own protocol, or cannot be told what we wanted."""


class ForgedBlockError(AmiError):
    """A block of the manager interface is not to be believed: a caller can write whole events into their number."""


class AriError(RouterError):
    """ARI of a PBX is away, refused us, or answered a request with an error; `where` is the request."""

    def __init__(self, problem: str, *, status: int = 0, where: str = "", remedy: str = "") -> None:
        self.status = status
        super().__init__(problem, where=where, remedy=remedy)


class AriUnavailableError(AriError):
    """No connection to ARI, or no answer in time: whether the request was carried out is not known."""


class AriRefusedError(AriError):
    """Asterisk does not let this user in, or does not let it do this (401, 403)."""


class AriNotFoundError(AriError):
    """There is no such channel, bridge, playback... (404): most often the caller has hung up."""


class AriConflictError(AriError):
    """The thing is in a state in which this cannot be done (409, 412, 422), e.g. a channel that left the app."""


class CallRefusedError(RouterError):
    """The bytes Asterisk handed over are not a well-formed call; the call gets the default branch."""
