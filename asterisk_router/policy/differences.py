"""What another policy would have done with the same calls: counted by kind, the latest kept with the rules of both."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any, NamedTuple

from ..numbering.number import masked
from ..wire.incoming_call import IncomingCall
from .decision import Decision

KINDS_MAX = 200
"""Most kinds of differences that are told apart; calls of any further kind are counted together."""

LATEST_MAX = 100
"""How many differences are kept whole, the latest."""

_COMPARED = Decision._fields[: Decision._fields.index("reason")]


class Kind(NamedTuple):
    """What makes two differences alike: what the live policy did, and what the shadow would have done."""

    caller_class: str
    """Class by the live policy."""
    shadow_class: str
    """Class by the shadow policy."""
    branch: str
    """Branch the call was sent to."""
    shadow_branch: str
    """Branch the shadow would have sent it to."""
    head_start_s: int
    """Waiting granted in advance."""
    shadow_head_start_s: int
    """Waiting the shadow would have granted."""
    fields: tuple[str, ...]
    """Everything about the decision that differs, by the names of `Decision`."""


class Difference(NamedTuple):
    """One call on which the two policies disagree."""

    at_s: float
    """When it rang, in seconds since 1970 UTC."""
    uniqueid: str
    """Asterisk's unique ID of the caller's channel, by which the registry and the CDR know the call."""
    linkedid: str
    """Asterisk's linked ID."""
    number: str
    """Canonical caller number, its end hidden; empty for none."""
    line: str
    """The number called as the trunk wrote it."""
    kind: Kind
    """What differs."""
    where: str
    """file:line of the classify rule that won in the live policy."""
    shadow_where: str
    """file:line of the one that won in the shadow."""
    reason: str
    """Every rule that took part in the live decision, with file:line."""
    shadow_reason: str
    """Every rule that took part in the shadow's."""


class Differences:
    """The tally of one live and one shadow version; another version of either begins another tally."""

    def __init__(self, version: str = "", shadow_version: str = "", since_s: float = 0.0) -> None:
        self.version = version
        """Version of the live policy."""
        self.shadow_version = shadow_version
        """Version of the shadow policy."""
        self.since_s = since_s
        """When the first call was compared, in seconds since 1970 UTC."""
        self.compared = 0
        """Calls that both have decided."""
        self.different = 0
        """Those on which they disagree."""
        self.kinds: Counter[Kind] = Counter()
        """Those, by kind."""
        self.other_kinds = 0
        """Those of a kind there was no room for."""
        self.latest: deque[Difference] = deque(maxlen=LATEST_MAX)
        """The latest of them, oldest first."""

    def note(self, call: IncomingCall, at_s: float, live: Decision, shadow: Decision) -> None:
        """Count a call that both have decided."""
        self.compared += 1
        fields = different_fields(live, shadow)
        if not fields:
            return
        self.different += 1
        kind = Kind(
            live.caller_class, shadow.caller_class, live.branch, shadow.branch,
            live.head_start_s, shadow.head_start_s, fields,
        )  # fmt: skip
        if kind in self.kinds or len(self.kinds) < KINDS_MAX:
            self.kinds[kind] += 1
        else:
            self.other_kinds += 1
        number = masked(live.number) if live.number else ""
        self.latest.append(
            Difference(
                at_s,
                call.uniqueid,
                call.linkedid,
                number,
                call.called_number,
                kind,
                live.where,
                shadow.where,
                live.reason,
                shadow.reason,
            )  # fmt: skip
        )

    def as_plain(self) -> dict[str, Any]:
        """Dicts and lists for a file or `--json`: the most frequent kinds first, the latest calls last."""
        return {
            "policy_version": self.version,
            "shadow_version": self.shadow_version,
            "since_s": self.since_s,
            "compared": self.compared,
            "different": self.different,
            "kinds": [{"calls": calls, **kind._asdict()} for kind, calls in self.kinds.most_common()],
            "other_kinds": self.other_kinds,
            "latest": [{**each._asdict(), "kind": each.kind._asdict()} for each in self.latest],
        }


def different_fields(live: Decision, shadow: Decision) -> tuple[str, ...]:
    """What the caller, the agent or the queue would notice, by the names of `Decision`; reasons and versions do not
    count.

    >>> different_fields(Decision("vip", "sales"), Decision("vip", "desk", reason="classify x.toml:1"))
    ('branch',)
    """
    end = len(_COMPARED)
    if live[:end] == shadow[:end]:
        return ()
    return tuple(name for name, one, other in zip(_COMPARED, live, shadow, strict=False) if one != other)
