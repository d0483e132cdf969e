"""Rows of somebody else's file read as callers."""

from __future__ import annotations

import pytest

from asterisk_router.admin.callers.caller_csv import FieldSource, RowReader, RowRejectedError, parse_map
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.errors import RouterError
from asterisk_router.numbering.plan import NumberingPlan

HEADER = ["Phone", "Mobile", "Company", "Kind", "Paper", "Turnover", "Orders", "Language", "Manager", "Open"]
FULL_MAP = (
    "number=Phone,number=Mobile,name=Company,tag=Kind,evidence=Paper,value=Turnover,orders=Orders,"
    "language=Language,own_agent=Manager,open_matter=Open"
)
PLAN = NumberingPlan("SK")


def reader(mapped: str = FULL_MAP) -> RowReader:
    return RowReader(parse_map([mapped]), HEADER, PLAN, "import", 1_790_000_000)


def row(**cells: str) -> list[str]:
    return [cells.get(column, "") for column in HEADER]


def test_a_full_row_becomes_a_full_caller() -> None:
    cells = row(
        Phone="02/5550 0100", Mobile="00421255500101", Company=" Anna Nova ", Kind="Customer; Key Account",
        Paper="contract 12", Turnover="5200,50", Orders="3", Language="sk", Manager="anna", Open="deal|incident",
    )  # fmt: skip
    assert reader().caller(cells) == Caller(
        numbers=("+421255500100", "+421255500101"),
        name="Anna Nova",
        tags=(
            Tag("customer", "import", "contract 12", created_at_s=1_790_000_000),
            Tag("key-account", "import", "contract 12", created_at_s=1_790_000_000),
        ),
        value=5200,
        orders=3,
        language="sk",
        own_agent="anna",
        open_matters=("deal", "incident"),
    )


def test_a_number_alone_is_enough() -> None:
    assert reader("number=Phone").caller(row(Phone="+421255500100")) == Caller(("+421255500100",))


def test_constants_and_places_serve_as_columns() -> None:
    tagged = reader("number=1,tag:=inspector,evidence:=tax office,name=3").caller(
        row(Phone="0255500100", Company="Tax")
    )
    assert tagged.name == "Tax"
    assert [(tag.name, tag.evidence) for tag in tagged.tags] == [("inspector", "tax office")]


def test_tags_of_one_cell_are_not_given_to_another() -> None:
    both = reader("number=Phone,tag=Kind,evidence=Paper")
    first = both.caller(row(Phone="0255500100", Kind="vip", Paper="a"))
    second = both.caller(row(Phone="0255500101", Kind="vip", Paper="b"))
    third = both.caller(row(Phone="0255500102", Kind="", Paper="b"))
    assert [tag.evidence for caller in (first, second, third) for tag in caller.tags] == ["a", "b"]


def test_an_unusable_further_number_is_left_out_and_counted() -> None:
    both = reader()
    assert both.caller(row(Phone="call me", Mobile="02/5550 0100")).numbers == ("+421255500100",)
    assert both.dropped_numbers == 1


def test_the_same_number_twice_is_one() -> None:
    assert reader().caller(row(Phone="02/5550 0100", Mobile="+421255500100")).numbers == ("+421255500100",)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (row(), "no number"),
        (row(Phone="  "), "no number"),
        (row(Phone="12ab"), "malformed number: '12ab'"),
        (row(Phone="anonymous", Mobile="12"), "withheld number: 'anonymous'"),
        (row(Phone="0255500100", Turnover="1,250"), "value is no whole number: '1,250'"),
        (row(Phone="0255500100", Orders="many"), "orders is no whole number: 'many'"),
        (row(Phone="0255500100", Kind="-vip!"), "no tag name: '-vip!'"),
        (["0255500100"], "not as many columns as the header: 1, not 10"),
    ],
)
def test_a_row_that_is_no_caller_says_why(cells: list[str], reason: str) -> None:
    with pytest.raises(RowRejectedError) as rejected:
        reader().caller(list(cells))
    assert str(rejected.value).startswith(reason)


def test_a_map_is_read_in_parts_and_in_one() -> None:
    together = parse_map(["number=Phone,tag:=vip"])
    assert together == parse_map(["number=Phone", "tag:=vip"])
    assert together == [FieldSource("number", "Phone"), FieldSource("tag", constant="vip")]


@pytest.mark.parametrize("mapped", ["", "number", "name=Company", "phone=Phone", "number=Phone,name=A,name=B"])
def test_a_map_that_says_nothing_is_refused(mapped: str) -> None:
    with pytest.raises(RouterError, match="map"):
        parse_map([mapped])


def test_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(RouterError, match="Phone, Mobile"):
        reader("number=Telephone")


@pytest.mark.parametrize("column", ["Turnover", "Orders"])
@pytest.mark.parametrize("written", ["9" * 19, "9" * 5_000, "-" + "9" * 400, "9" * 5_000 + ",50"])
def test_an_amount_beyond_what_can_be_stored_costs_its_row_alone(column: str, written: str) -> None:
    rows = reader()
    with pytest.raises(RowRejectedError, match="too large"):
        rows.caller(row(Phone="+12025550100", **{column: written}))
    assert rows.caller(row(Phone="+12025550100", Turnover="9" * 18)).value == 10**18 - 1
