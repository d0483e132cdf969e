"""Aligned columns with a count at the bottom, as Asterisk prints them."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from asterisk_router.admin.cli import tables
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


def test_rows_beyond_the_measured_ones_are_printed_as_they_come(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MEASURED", 2)
    table = tables.Table(("Tag", "Calls"), "tag")
    for row in (("vip", 1), ("supplier", 22)):
        table.add(row)
    assert capsys.readouterr().out == "Tag       Calls\nvip           1\nsupplier     22\n"
    table.add(("a", 3))
    assert capsys.readouterr().out == "a             3\n"
    table.end()
    assert capsys.readouterr().out == "3 tags\n"


@pytest.mark.parametrize("records", [[], [{"a": 1}], [{"a": "é"}, {"b": [1]}]])
def test_a_list_printed_record_by_record_is_one_document(
    capsys: pytest.CaptureFixture[str], records: list[object]
) -> None:
    listed = tables.JsonList()
    for record in records:
        listed.add(record)
    listed.end()
    printed = capsys.readouterr().out
    tables.print_json(records)
    assert printed == capsys.readouterr().out


def test_facts_that_say_nothing_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts([("Name", "Anna"), ("Agent", ""), ("Recorded", False), ("Open", ("deal", "incident"))])
    assert capsys.readouterr().out == "  Name:      Anna\n  Recorded:  no\n  Open:      deal, incident\n"


def test_records_become_dicts_all_the_way_down() -> None:
    assert as_plain(Outer("a", (Inner(1),))) == {"name": "a", "inner": [{"place": 1}]}


def test_json_commands_no_terminal_and_turns_no_writing_round(capsys: pytest.CaptureFixture[str]) -> None:
    said = "é\x1b\x7f\x85\u202e\u2028\U000e0041\ud800"
    tables.print_json_line({"name": said})
    printed = capsys.readouterr().out
    assert printed == '{"name": "é\\u001b\\u007f\\u0085\\u202e\\u2028\\udb40\\udc41\\ud800"}\n'
    assert json.loads(printed) == {"name": said}
