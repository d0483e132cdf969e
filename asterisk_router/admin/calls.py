"""The registry of calls as people read it: one line a call, gaps among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..callers.registered_call import BeganCall, EndedCall, Gap
from ..numbering.number import masked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..callers.registered_call import Registered


def one_a_call(records: Iterable[Registered]) -> list[Registered]:
    """The records with each call in one of them: its end, or else what was decided for it last."""
    kept = list(records)
    latest: dict[str, BeganCall | EndedCall] = {}
    latest |= {record.uniqueid: record for record in kept if isinstance(record, BeganCall)}
    latest |= {record.uniqueid: record for record in kept if isinstance(record, EndedCall)}
    return [record for record in kept if isinstance(record, Gap) or latest[record.uniqueid] is record]


def as_plain(record: Registered, full: bool) -> dict[str, Any]:
    """A record for programs: what `kind` it is, then its fields; the number masked unless `full`."""
    kind = {BeganCall: "began", EndedCall: "ended", Gap: "gap"}[type(record)]
    plain = record._asdict()
    if "number" in plain and not full:
        for name in ("number", "call_back_id"):
            if plain.get(name):
                plain[name] = masked(plain[name])
    return {"kind": kind, **plain}
