"""Putting tags on a caller and taking them off; a tag that breaks the rules is refused here, once for every door."""

from __future__ import annotations

import re

from ..errors import TagError
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
