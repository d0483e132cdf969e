"""How a tag looks in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...callers.caller import Tag

HEADERS = ("Tag", "Author", "Evidence", "Sure", "Trust", "Set", "Expires", "Approved")


def row_of(tag: Tag) -> tuple[str, ...]:
    """The columns of `HEADERS`."""
    from ..moments import as_moment

    return (
        tag.name,
        tag.author or "-",
        tag.evidence or "-",
        f"{tag.confidence}%",
        f"E{tag.trust}",
        as_moment(tag.created_at_s),
        as_moment(tag.expires_at_s) if tag.expires_at_s else "never",
        (f"{tag.approved_by}, suspended" if tag.suspended_at_s else tag.approved_by) or "-",
    )
