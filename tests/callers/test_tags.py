"""Tags: put on, taken off, expired; what breaks the rules is refused with the remedy."""

from __future__ import annotations

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.tags import add_tag, check_tag, expire_tags, is_expired, remove_tag
from asterisk_router.errors import TagError

VIP, DEBTOR = Tag("vip", "mary"), Tag("debtor", "john", expires_at_s=2000)
ANN = Caller(("+12025550100",), "Ann", (VIP, DEBTOR))


def test_a_tag_takes_the_place_of_its_namesake_and_of_no_other() -> None:
    assert add_tag(Caller(), VIP).tags == (VIP,)
    assert add_tag(ANN, Tag("vip", "john")).tags == (DEBTOR, Tag("vip", "john"))
    assert add_tag(ANN, Tag("supplier")).tags == (VIP, DEBTOR, Tag("supplier"))
    assert add_tag(ANN, Tag("supplier"))._replace(tags=()) == ANN._replace(tags=())


def test_a_tag_is_removed_by_name() -> None:
    assert remove_tag(ANN, "vip").tags == (DEBTOR,)
    assert remove_tag(ANN, "supplier") is ANN


def test_tags_expire_at_their_second() -> None:
    assert [is_expired(DEBTOR, now_s) for now_s in (1999, 2000, 2001)] == [False, True, True]
    assert not is_expired(VIP, 1 << 40)
    assert expire_tags(ANN, 1999) is ANN
    assert expire_tags(ANN, 2000).tags == (VIP,)


@pytest.mark.parametrize("name", ["vip", "open-deal", "a", "tier2", "x" * 32])
def test_names_that_are_names(name: str) -> None:
    assert check_tag(Tag(name)).name == name


@pytest.mark.parametrize("name", ["", "VIP", "2nd", "-x", "a b", "a_b", "vip\n", "x" * 33, "č", "tag('x')"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(TagError) as refused:
        add_tag(ANN, Tag(name))
    assert "open-deal" in refused.value.remedy


@pytest.mark.parametrize(
    "tag",
    [
        Tag("vip", confidence=101),
        Tag("vip", confidence=-1),
        Tag("vip", trust=5),
        Tag("vip", trust=-1),
        Tag("vip", created_at_s=10, expires_at_s=10),
        Tag("vip", created_at_s=-1),
    ],
)
def test_values_out_of_bounds(tag: Tag) -> None:
    with pytest.raises(TagError):
        check_tag(tag)


@pytest.mark.parametrize("tag", [Tag("vip", confidence=0, trust=0), Tag("vip", "a", "b", 100, 4, 10, 11)])
def test_values_at_the_bounds(tag: Tag) -> None:
    assert check_tag(tag) is tag
