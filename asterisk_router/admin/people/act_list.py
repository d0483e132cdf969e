"""The record of acts for people: callers by masked numbers while they are known, and by tokens afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import ActRecordError
from ...numbering.number import masked
from ...wire.act_record import decode

if TYPE_CHECKING:
    from ..ports import Acts

UNREADABLE = "cannot be read: asterisk-router acts verify"
"""What is shown of a line that is no record."""

TEXTS = ("who", "role", "source", "act", "subject", "detail", "outcome")
"""The texts of a row."""


async def rows(acts: Acts, *, latest: int, who: str = "", act: str = "") -> list[dict[str, Any]]:
    """The latest acts, oldest first, of one person or of one kind where asked; raises StoreUnavailableError."""
    known = await acts.subjects()
    found = []
    for number, line in enumerate(await acts.lines(), 1):
        try:
            note = decode(line).note
        except ActRecordError:
            if not who and not act:
                found.append({"number": number, "at_s": 0.0, **dict.fromkeys(TEXTS, ""), "act": UNREADABLE})
            continue
        if who in ("", note.who) and act in ("", note.act):
            plain = {"number": number, **note._asdict()}
            plain.pop("id")
            plain["subject"] = masked(known[note.subject]) if note.subject in known else note.subject
            found.append(plain)
    return found[-latest:]
