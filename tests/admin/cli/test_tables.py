"""Aligned columns with a count at the bottom, as Asterisk prints them."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from asterisk_router.admin.cli.tables import as_plain, print_facts, print_table


class Inner(NamedTuple):
    place: int


class Outer(NamedTuple):
    name: str
    inner: tuple[Inner, ...]


def test_words_stand_left_and_numbers_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Class", "Calls"), [("vip", 7), ("prospect", 12)], "class", "classes")
    assert capsys.readouterr().out == "Class     Calls\nvip           7\nprospect     12\n2 classes\n"


def test_an_empty_table_still_counts(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Tag",), [], "tag")
    print_table(("Tag",), [("vip",)], "tag")
    assert capsys.readouterr().out == "Tag\n0 tags\nTag\nvip\n1 tag\n"


def test_facts_that_say_nothing_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts([("Name", "Anna"), ("Agent", ""), ("Recorded", False), ("Open", ("deal", "incident"))])
    assert capsys.readouterr().out == "  Name:      Anna\n  Recorded:  no\n  Open:      deal, incident\n"


def test_records_become_dicts_all_the_way_down() -> None:
    assert as_plain(Outer("a", (Inner(1),))) == {"name": "a", "inner": [{"place": 1}]}
