"""Putting tags on a caller and taking them off; a tag that breaks the rules is refused here, once for every door."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..errors import TagError
from .approval import same_person
from .caller import Caller, Tag
from .trust import E0, E4

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""What a tag may be called: small letters, digits and dashes, a letter first, 32 characters at most."""


def check_tag(tag: Tag) -> Tag:
    """The tag itself if it keeps the rules; raises TagError naming the value and what it must be.

    >>> check_tag(Tag("supplier", trust=2)).trust
    2
    """
    if not NAME.fullmatch(tag.name):
        raise TagError(
            f"`{tag.name}` is no name for a tag",
            remedy="use up to 32 small letters, digits and dashes, a letter first, e.g. `vip` or `open-deal`",
        )
    if not 0 <= tag.confidence <= 100:
        raise TagError(f"confidence {tag.confidence} of tag `{tag.name}` is no percentage", remedy="use 0 to 100")
    if not E0 <= tag.trust <= E4:
        raise TagError(f"trust {tag.trust} of tag `{tag.name}` does not exist", remedy="use 0 (E0) to 4 (E4)")
    if tag.created_at_s < 0 or tag.expires_at_s < 0 or 0 < tag.expires_at_s <= tag.created_at_s:
        raise TagError(f"tag `{tag.name}` expires before it is set", remedy="give a time to come, or none at all")
    return tag


def add_tag(caller: Caller, tag: Tag) -> Caller:
    """The caller with `tag`, which takes the place of one of the same name; raises TagError."""
    check_tag(tag)
    return caller._replace(tags=(*remove_tag(caller, tag.name).tags, tag))


def remove_tag(caller: Caller, name: str) -> Caller:
    """The caller without the tag called `name`; the same caller when they had none."""
    kept = tuple(tag for tag in caller.tags if tag.name != name)
    return caller if len(kept) == len(caller.tags) else caller._replace(tags=kept)


def expire_tags(caller: Caller, now_s: int) -> Caller:
    """The caller without the tags that no longer count at `now_s` (seconds since 1970 UTC)."""
    kept = tuple(tag for tag in caller.tags if not is_expired(tag, now_s))
    return caller if len(kept) == len(caller.tags) else caller._replace(tags=kept)


def is_expired(tag: Tag, now_s: int) -> bool:
    """Whether `tag` no longer counts at `now_s`; one without an end never expires."""
    return 0 < tag.expires_at_s <= now_s


APPROVED_S = 30 * 86_400
"""How long an approval lasts unless somebody says otherwise."""

MOST_APPROVED_S = 90 * 86_400
"""How long an approval lasts at most, whatever anybody says."""


def approve_tag(caller: Caller, name: str, approver: str, evidence: str, now_s: int, expires_at_s: int) -> Caller:
    """The caller with the tag `name` approved by a second person until `expires_at_s`; raises TagError.

    The evidence takes the place of what the tag rested on before, unless it is empty. A tag approved again is
    suspended no more.
    """
    tag = next((tag for tag in caller.tags if tag.name == name), None)
    if tag is None:
        raise TagError(f"this caller does not carry the tag `{name}`", remedy="another person sets it first: tag add")
    if is_expired(tag, now_s):
        raise TagError(f"the tag `{name}` has expired", remedy="another person sets it again: tag add")
    approved = tag._replace(
        evidence=evidence or tag.evidence,
        approved_by=approver,
        approved_at_s=now_s,
        expires_at_s=min(tag.expires_at_s or expires_at_s, expires_at_s),
        suspended_at_s=0,
    )
    wrong = why_not_approved(approved, now_s)
    if wrong:
        raise TagError(f"the tag `{name}` cannot be approved so: {wrong}", remedy=_REMEDIES[wrong])
    return add_tag(caller, approved)


def suspend_tags(caller: Caller, names: Collection[str], now_s: int) -> Caller:
    """The caller with the approval of every tag in `names` suspended; the same caller where none of them had one."""
    if not any(tag.name in names and tag.approved_by and not tag.suspended_at_s for tag in caller.tags):
        return caller
    tags = [
        tag._replace(suspended_at_s=now_s) if tag.name in names and tag.approved_by and not tag.suspended_at_s else tag
        for tag in caller.tags
    ]
    return caller._replace(tags=tuple(tags))


def without_approvals(caller: Caller) -> Caller:
    """The caller with every tag approved by nobody: whoever approved one had other numbers before them."""
    tags = tuple([tag._replace(approved_by="", approved_at_s=0, suspended_at_s=0) for tag in caller.tags])
    return caller if tags == caller.tags else caller._replace(tags=tags)


def why_not_approved(tag: Tag, now_s: float) -> str:
    """Why `tag` does not count as approved by two persons at `now_s` (seconds since 1970 UTC); empty when it does.

    >>> why_not_approved(Tag("competitor", "ann", "ticket 7"), 0)
    'nobody approved it'
    """
    if not tag.approved_by or not tag.approved_at_s:
        return "nobody approved it"
    if not tag.set_by:
        return "no person set it"
    if same_person(tag.set_by, tag.approved_by) or same_person(tag.author, tag.approved_by):
        return "its author approved it"
    if not tag.evidence:
        return "no evidence"
    if tag.suspended_at_s:
        return "suspended"
    if not 0 < tag.approved_at_s <= now_s < tag.expires_at_s:
        return "out of date"
    if tag.expires_at_s - tag.approved_at_s > MOST_APPROVED_S:
        return "for more than 90 days"
    return ""


_REMEDIES = {
    "nobody approved it": "say who approves it",
    "no person set it": "a person sets it first, for an import answers nobody: tag add",
    "its author approved it": "let another person than its author approve it",
    "no evidence": "give --evidence: what it rests on",
    "out of date": "give a time to come by --expires",
    "for more than 90 days": "give 90 days or less by --expires",
}
