"""A map of columns is read, or refused with every fault, its place and what to do."""

from __future__ import annotations

import pytest

from asterisk_router.errors import ColumnMapError
from asterisk_router.replay.column_map import MAPS, column_map, shipped_maps

GOOD = """
[file]
delimiter = ";"
header = true
[start]
columns = ["day", "time"]
format = "%d.%m.%Y %H:%M"
timezone = "Europe/Bratislava"
[columns]
caller = "from"
called = { text = "+42120550000" }
tags = { column = "kind", words = { g = "vip,customer" }, other = "" }
[[ignore]]
column = "kind"
is = ["x"]
why = "a test call"
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ColumnMapError) as refused:
        column_map(text, "map.toml")
    return str(refused.value).splitlines()


def test_a_map_says_what_it_was_told() -> None:
    columns = column_map(GOOD, "map.toml")
    assert (columns.delimiter, columns.header, columns.encoding, columns.quotes) == (";", True, "utf-8", True)
    assert (columns.start, columns.form, columns.timezone) == (("day", "time"), "%d.%m.%Y %H:%M", "Europe/Bratislava")
    assert columns.sources["caller"].column == "from" and columns.sources["called"].text == "+42120550000"
    assert columns.sources["tags"].words == {"g": "vip,customer"} and columns.sources["tags"].other == ""
    assert [(each.why, each.words) for each in columns.ignored] == [("a test call", frozenset("x"))]
    assert not columns.persons


@pytest.mark.parametrize("name", shipped_maps())
def test_the_shipped_maps_are_accepted(name: str) -> None:
    assert column_map((MAPS / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml").sources["caller"]


@pytest.mark.parametrize(
    ("written", "instead", "line", "words"),
    [
        ("[file]", "[file", 2, "not TOML"),
        ("[file]", "[fle]", 2, "did you mean 'file'?"),
        ("delimiter", "delimeter", 3, "did you mean 'delimiter'?"),
        ('";"', '"; "', 3, "separates nothing"),
        ("header = true", 'header = "yes"', 4, "header must be true or false"),
        ("header = true", 'encoding = "utf-7x"', 4, "no such encoding"),
        ("header = true", 'encoding = "utf-16"', 4, "no plain line ends"),
        ('["day", "time"]', "[]", 5, "columns is missing"),
        ('["day", "time"]', '["day", 0]', 6, "0 is no column"),
        ("%H:%M", "%H:%Q", 7, "cannot be read"),
        ("Bratislava", "Bratislaw", 8, "no such time zone"),
        ('caller = "from"', 'called = "from"', 11, "not TOML"),
        ('caller = "from"', 'callr = "from"', 10, "did you mean 'caller'?"),
        ('caller = "from"', "", 9, "caller is missing"),
        ('caller = "from"', "caller = true", 10, "True is no column"),
        ('caller = "from"', 'caller = { column = "from", pattern = "x" }', 10, "takes nothing out"),
        ('caller = "from"', 'caller = { column = "from", pattern = "(" }', 10, "no regular expression"),
        ('caller = "from"', 'caller = { colum = "from" }', 10, "did you mean 'column'?"),
        ("called = {", "called = { person = true,", 11, "only a caller is a person"),
        ('text = "+42120550000"', "", 11, "called needs a column"),
        ('"vip,customer"', "7", 12, 'write "7"'),
        ("tags = ", "outcome = ", 12, "'vip,customer' is no outcome"),
        ("tags = ", "head_start = ", 12, "'vip,customer' is no duration"),
        ("tags = ", "wait_s = ", 12, "'vip,customer' is no whole number"),
        ('is = ["x"]', "", 13, "ignores nothing"),
        ('is = ["x"]', "is = [1]", 15, "is must be a list of texts"),
        ('why = "a test call"', "", 13, "why is missing"),
        ("[[ignore]]", "[ignore]", 13, "write [[ignore]]"),
    ],
)
def test_a_fault_is_named_with_its_line_and_a_remedy(written: str, instead: str, line: int, words: str) -> None:
    found = faults(GOOD.replace(written, instead, 1))
    assert any(fault.startswith(f"map.toml:{line}:") and words in fault for fault in found), found


def test_all_faults_are_told_at_once() -> None:
    assert len(faults("[file]\ndelimiter = 1\nheader = 2\n[start]\n[columns]\n")) >= 4
