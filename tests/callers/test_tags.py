"""Tags: put on, taken off, expired; what breaks the rules is refused with the remedy."""

from __future__ import annotations

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.tags import (
    APPROVED_S,
    MOST_APPROVED_S,
    add_tag,
    approve_tag,
    check_tag,
    expire_tags,
    is_expired,
    remove_tag,
    suspend_tags,
    why_not_approved,
)
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


RIVAL = Caller(("+12025550101",), tags=(Tag("competitor", "crm", "", created_at_s=1000, set_by="mary"),))
NOW_S = 2000


def approved(until_s: int = NOW_S + APPROVED_S, approver: str = "john", evidence: str = "ticket 7") -> Caller:
    """The rival, approved by a second person."""
    return approve_tag(RIVAL, "competitor", approver, evidence, NOW_S, until_s)


def test_a_second_person_approves_a_tag_for_a_time() -> None:
    tag = approved().tags[0]
    assert (tag.set_by, tag.approved_by, tag.approved_at_s, tag.evidence) == ("mary", "john", NOW_S, "ticket 7")
    assert not why_not_approved(tag, NOW_S)
    assert not why_not_approved(tag, NOW_S + APPROVED_S - 1)
    assert why_not_approved(tag, NOW_S + APPROVED_S) == "out of date"
    assert why_not_approved(tag, NOW_S - 1) == "out of date"


def test_an_approval_is_no_longer_than_the_tag() -> None:
    short = add_tag(RIVAL, RIVAL.tags[0]._replace(expires_at_s=NOW_S + 60))
    tag = approve_tag(short, "competitor", "john", "ticket 7", NOW_S, NOW_S + APPROVED_S).tags[0]
    assert tag.expires_at_s == NOW_S + 60


@pytest.mark.parametrize(
    ("approver", "evidence", "until_s", "why"),
    [
        (" Mary", "ticket 7", NOW_S + APPROVED_S, "its author approved it"),
        ("crm", "ticket 7", NOW_S + APPROVED_S, "its author approved it"),
        ("", "ticket 7", NOW_S + APPROVED_S, "nobody approved it"),
        ("john", "", NOW_S + APPROVED_S, "no evidence"),
        ("john", "ticket 7", NOW_S + MOST_APPROVED_S + 1, "more than 90 days"),
        ("john", "ticket 7", NOW_S, "out of date"),
    ],
)
def test_what_is_no_approval(approver: str, evidence: str, until_s: int, why: str) -> None:
    with pytest.raises(TagError, match=why):
        approved(until_s, approver, evidence)


def test_a_tag_that_is_not_there_or_over_is_not_approved() -> None:
    with pytest.raises(TagError, match="does not carry"):
        approve_tag(ANN, "competitor", "john", "ticket 7", NOW_S, NOW_S + 60)
    with pytest.raises(TagError, match="has expired"):
        approve_tag(ANN, "debtor", "mary", "ticket 7", NOW_S, NOW_S + 60)


def test_a_suspended_approval_counts_no_more_until_it_is_given_again() -> None:
    suspended = suspend_tags(approved(), ("competitor",), NOW_S + 5)
    assert why_not_approved(suspended.tags[0], NOW_S + 6) == "suspended"
    assert suspend_tags(suspended, ("competitor",), NOW_S + 9) is suspended
    assert suspend_tags(RIVAL, ("competitor",), NOW_S) is RIVAL
    again = approve_tag(suspended, "competitor", "john", "", NOW_S + 7, NOW_S + 60)
    assert not why_not_approved(again.tags[0], NOW_S + 8)


def test_a_tag_set_anew_is_approved_by_nobody() -> None:
    assert why_not_approved(add_tag(approved(), Tag("competitor", "mary", "other")).tags[0], NOW_S)


def test_what_no_person_set_is_approved_by_nobody() -> None:
    imported = add_tag(RIVAL, RIVAL.tags[0]._replace(set_by=""))
    with pytest.raises(TagError, match="no person set it"):
        approve_tag(imported, "competitor", "john", "ticket 7", NOW_S, NOW_S + 60)
