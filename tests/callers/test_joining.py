"""Two records that become one: an import about somebody known, and a person found under a second number."""

from __future__ import annotations

from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.callers.joining import enrich, join

CALL = PastCall(1000, "missed", "+12025550150")
KNOWN = Caller(
    ("+12025550100",), "Ann", (Tag("vip", "mary"), Tag("debtor")), 900, 3, "en", "anna", ("deal",),
    History(1, 1000, 1000, "anna", (CALL,)),
)  # fmt: skip


def test_an_import_that_says_nothing_changes_nothing() -> None:
    assert enrich(KNOWN, Caller(KNOWN.numbers)) == KNOWN
    assert enrich(Caller.UNKNOWN, KNOWN._replace(history=History())) == KNOWN._replace(history=History())


def test_what_an_import_says_wins_and_the_history_stays() -> None:
    imported = Caller(
        ("+12025550100",), "Anna", (Tag("vip", "crm"), Tag("partner")), 1000, 4, "sk", "boris", ("incident",),
        History(9, 1, 9),
    )  # fmt: skip
    assert enrich(KNOWN, imported) == Caller(
        ("+12025550100",), "Anna", (Tag("debtor"), Tag("vip", "crm"), Tag("partner")), 1000, 4, "sk", "boris",
        ("deal", "incident"), KNOWN.history,
    )  # fmt: skip


def test_the_same_import_again_keeps_the_dates_of_its_tags() -> None:
    first = Caller(KNOWN.numbers, tags=(Tag("vip", "crm", "A7", created_at_s=1000), Tag("partner", created_at_s=1000)))
    known = enrich(KNOWN, first)
    later = tuple(tag._replace(created_at_s=2000) for tag in first.tags)
    assert enrich(known, first._replace(tags=later)) == known
    renewed = Tag("partner", evidence="contract 8", created_at_s=2000)
    assert enrich(known, Caller(KNOWN.numbers, tags=(renewed,))).tags == (*known.tags[:-1], renewed)


def test_two_numbers_of_one_person_add_up() -> None:
    other = Caller(("+12025550101",), "A. Smith", (Tag("vip", "john"), Tag("partner")), 100, 1, "sk", "", ("incident",))
    other = other._replace(history=History(1, 500, 500, "", (PastCall(500),)))
    joined = join(KNOWN, other)
    assert joined.numbers == ("+12025550100", "+12025550101")
    assert (joined.name, joined.value, joined.orders, joined.language, joined.own_agent) == (
        "Ann",
        1000,
        4,
        "en",
        "anna",
    )
    assert set(joined.tags) == {Tag("vip", "mary"), Tag("debtor"), Tag("partner")}
    assert set(joined.open_matters) == {"deal", "incident"}
    assert joined.history == History(2, 500, 1000, "anna", (PastCall(500), CALL))


def test_the_same_import_again_leaves_an_approval_as_it_is_and_another_one_ends_it() -> None:
    said = Tag("competitor", "crm.csv", "list 7", created_at_s=10)
    standing = said._replace(approved_by="eva", approved_at_s=20, expires_at_s=30, suspended_at_s=25)
    known = Caller(("+12025550100",), tags=(standing,))
    assert enrich(known, known._replace(tags=(said._replace(created_at_s=40),))).tags == (standing,)
    other = said._replace(evidence="list 8")
    assert enrich(known, known._replace(tags=(other,))).tags == (other,)


def test_another_number_takes_the_approval_of_a_tag_with_it() -> None:
    approved = Tag("competitor", set_by="ida", approved_by="eva", approved_at_s=20, expires_at_s=30)
    known = Caller(("+12025550100",), tags=(approved,))
    (tag,) = enrich(known, Caller(("+12025550100", "+12025550101"))).tags
    assert tag == Tag("competitor", set_by="ida", expires_at_s=30)
    (tag,) = join(Caller(("+12025550101",)), known).tags
    assert not tag.approved_by
    assert enrich(known, Caller(("+12025550100",), "Ann")).tags == (approved,)
