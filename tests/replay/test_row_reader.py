"""Lines become calls by the map; whatever is wrong with a line is said of that line alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import ColumnMapError
from asterisk_router.replay.block_reader import Skipped
from asterisk_router.replay.column_map import MAPS, column_map
from asterisk_router.replay.past_call import LoggedCall
from asterisk_router.replay.row_reader import BLOCK, FEW, LONGEST_LINE, Dirty, Further, RowReader

MAP = """
[file]
header = true
[start]
columns = ["rang"]
[columns]
caller = "from"
called = { column = "to", pattern = "^(?:sip:)?([0-9]+)" }
outcome = { column = "end", words = { ok = "answered", no = "missed" } }
wait_s = "wait"
value = "value"
tags = { column = "kind", words = { g = "vip, customer" }, other = "" }
head_start = "granted"
[[ignore]]
column = "from"
begins = ["00"]
why = "our own"
"""
HEADER = "rang,from,to,end,wait,value,kind,granted"
GOOD = "2026-03-02 10:00:00,+12025550100,sip:42120550000@x,ok,12,3000,g,5m"


def reader(text: str = MAP, header: str = HEADER) -> RowReader:
    return RowReader(column_map(text, "map.toml"), header, "UTC")


def shipped(name: str, header: str = "") -> RowReader:
    return RowReader(column_map((MAPS / f"{name}.toml").read_text(), name), header, "UTC")


def test_a_line_is_read_as_the_map_says() -> None:
    assert list(reader().read([GOOD + "\r"], 2)) == [
        LoggedCall(
            2, 1772445600, "+12025550100", "42120550000", "answered", 12, tags=("vip", "customer"), value=3000,
            head_start_s=300,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "empty"),
        (" \r", "empty"),
        (GOOD + ",x", "wrong number of columns: 9 instead of 8"),
        (GOOD[3:], "no moment"),
        (GOOD.replace(",ok,", ",kk,"), "outcome is none of the words: 'kk'"),
        (GOOD.replace(",12,", ",-1,"), "no span of seconds: '-1'"),
        (GOOD.replace(",12,", ",999999999,"), "a span of more than 99999 seconds: '999999999'"),
        (GOOD.replace(",12,", ",27:46:40,"), "a span of more than 99999 seconds: '27:46:40'"),
        (GOOD.replace(",3000,", ",30.5,"), "no whole number: '30.5'"),
        (GOOD.replace(",5m", ",soon"), "no whole number: 'soon'"),
        (GOOD.replace("+1", '"+1'), "quotes do not fit"),
        (GOOD.replace("+1", '"+1"x'), "quotes do not fit"),
        (GOOD + "\0", "holds a NUL byte"),
        (GOOD + "x" * LONGEST_LINE, "longer than"),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_spoils_no_other(line: str, reason: str) -> None:
    before, dirty, after = reader().read([GOOD, line, GOOD], 2)
    assert isinstance(before, LoggedCall) and isinstance(after, LoggedCall) and after.line == 4
    assert isinstance(dirty, Dirty) and dirty.line == 3 and dirty.reason.startswith(reason)


def test_a_line_that_is_no_call_says_so() -> None:
    assert list(reader().read([GOOD.replace("+1", "00")], 2)) == [Skipped("our own")]


def test_what_a_line_does_not_say_is_unknown() -> None:
    (call,) = reader().read(["2026-03-02 10:00:00,,,no,,,,"], 2)
    assert isinstance(call, LoggedCall)
    assert (call.caller, call.wait_s, call.value, call.tags, call.head_start_s) == ("", -1, 0, (), -1)


def test_a_column_that_the_log_does_not_have_is_a_fault_of_the_map() -> None:
    with pytest.raises(ColumnMapError, match="map.toml:7:1: there is no column 'from'.*did you mean 'form'"):
        reader(header=HEADER.replace("from", "form"))
    with pytest.raises(ColumnMapError, match="there is no column 9"):
        reader(MAP.replace('"wait"', "9"))
    with pytest.raises(ColumnMapError, match="the map says that there is no header"):
        reader(MAP.replace("header = true", ""))


def test_a_log_that_the_map_was_not_made_for_is_one_fault_that_says_what_to_write() -> None:
    for header, remedy in (
        (HEADER.replace(",", ";"), "it has 7 of ';': write delimiter = \";\" under .file."),
        (HEADER.replace(",", "\t"), r'write delimiter = "\\t"'),
        (GOOD, "it is '2026-03-02 10.*header = false, and columns counted from 1"),
    ):
        with pytest.raises(ColumnMapError, match=f"map.toml:5:1: the log's first line.*{remedy}") as refused:
            reader(header=header)
        assert len(refused.value.faults) == 1
    with pytest.raises(ColumnMapError, match="first line: quotes do not fit.*quotes = false under"):
        reader(header=HEADER.replace("from", '"fr"om'))


OTHER = [
    GOOD + "\r", GOOD.replace("+1", "00"), GOOD.replace(",ok,", ",no,").replace(",g,", ",,"),
    GOOD.replace("10:00:00", "9:00:01"), GOOD.replace("2026-03-02 10", "2026-10-25 02"), GOOD.replace("2026", " 2026"),
    GOOD.replace("12,3000", "1:12,"), GOOD.replace("sip:", ""),
]  # fmt: skip
SPOILT = [
    "", " ", '"', "x", GOOD.replace("+1", '"+1'), GOOD + '"', 'a"b,"c', '""', GOOD + ",x", GOOD[3:], GOOD + "\0",
    GOOD.replace(",ok,", ",kk,"), GOOD.replace("3000", "30.5"), GOOD.replace("10:00:00", "10:00:60"),
]  # fmt: skip


@given(st.lists(st.sampled_from([GOOD] * 8 + OTHER + SPOILT), min_size=FEW, max_size=5 * FEW), st.booleans())
def test_lines_read_together_are_those_read_one_by_one(lines: list[str], quotes: bool) -> None:
    text = MAP if quotes else MAP.replace("header = true", "header = true\nquotes = false")
    rows = RowReader(column_map(text, "map.toml"), HEADER, "Europe/London")
    alone = [found for number, line in enumerate(lines) for found in rows.read([line], number)]
    assert list(rows.read(lines, 0)) == alone


@given(st.lists(st.sampled_from([GOOD] * 8 + OTHER), min_size=FEW + 1, max_size=5 * FEW))
def test_lines_that_nothing_is_wrong_with_are_read_together(lines: list[str]) -> None:
    reads = reader()
    reads._one_by_one = None  # type: ignore[method-assign, assignment]  # would raise
    assert len(list(reads.read(lines, 0))) == len(lines)


@given(st.lists(st.tuples(st.sampled_from(["PJSIP/berlin-1", "Local/1@queue"]), st.integers(0, 2)), max_size=5 * FEW))
def test_records_with_and_without_optional_columns_are_read_the_same(kinds: list[tuple[str, int]]) -> None:
    lines = [",".join(CDR.replace("PJSIP/berlin-1", channel).split(",")[: -short or None]) for channel, short in kinds]
    records = shipped("asterisk-cdr")
    alone = [found for number, line in enumerate(lines) for found in records.read([line], number)]
    assert list(records.read(lines, 0)) == alone


def test_lines_are_numbered_through_all_blocks() -> None:
    calls = list(reader().read([GOOD] * (2 * BLOCK + 1), 2))
    assert [call.line for call in calls if isinstance(call, LoggedCall)] == list(range(2, 2 * BLOCK + 3))


CDR = (
    '"","+12025550100","42120550000","from-trunk","""Ann, ""the"" boss"" <+12025550100>","PJSIP/berlin-1-0000001a",'
    '"PJSIP/anna-0000001b","Queue","sales,t,,,60","2026-03-02 10:00:00","2026-03-02 10:00:05","2026-03-02 10:01:35",'
    '95,90,"ANSWERED","DOCUMENTATION","1772445600.7",""'
)


def test_a_record_of_asterisk_is_read_by_the_shipped_map() -> None:
    (call,) = shipped("asterisk-cdr").read([CDR], 1)
    assert call == LoggedCall(
        1, 1772445600, "+12025550100", "42120550000", "answered", trunk="berlin-1", call_id="1772445600.7",
        talk_s=90, agent="anna",
    )  # fmt: skip
    short = CDR.rpartition(',"1772445600.7"')[0].replace("ANSWERED", "NO ANSWER")
    (call,) = shipped("asterisk-cdr").read([short], 1)
    assert isinstance(call, LoggedCall) and (call.call_id, call.outcome) == ("", "missed")


@pytest.mark.parametrize(
    ("written", "instead"), [("PJSIP/berlin-1", "Local/100@queue"), ("from-trunk", "from-internal")]
)
def test_what_is_no_call_of_a_caller_is_left_out(written: str, instead: str) -> None:
    (found,) = shipped("asterisk-cdr").read([CDR.replace(written, instead)], 1)
    assert isinstance(found, Skipped)


def test_lines_of_a_queue_log_are_the_entry_of_a_caller_what_became_of_them_or_nothing() -> None:
    lines = [
        "1772445590|NONE|NONE|NONE|QUEUESTART|",
        "1772445600|1772445600.7|sales|NONE|ENTERQUEUE||+12025550100|1",
        "1772445610|1772445600.7|sales|anna|CONNECT|10|1772445601.9|4",
        "1772445610|1772445600.7|sales|anna|COMPLETEAGENT",
    ]
    found = list(shipped("queue-log").read(lines, 1))
    assert [type(each) for each in found] == [Skipped, LoggedCall, Further, Dirty]
    assert found[1] == LoggedCall(2, 1772445600, "+12025550100", call_id="1772445600.7", queue="sales")
    assert found[2] == Further(
        "1772445600.7", 1772445610, False, {"outcome": "answered", "wait_s": 10, "agent": "anna"}
    )
    assert found[3] == Dirty(4, "too few columns: 5")


@pytest.mark.parametrize(
    ("written", "seconds"), [("90", 90), ("1:30", 90), ("0:01:30", 90), ("89.5", 90), ("90.49", 90), ("", -1)]
)
def test_seconds_are_written_in_several_ways(written: str, seconds: int) -> None:
    (call,) = reader().read([GOOD.replace(",12,", f",{written},")], 2)
    assert isinstance(call, LoggedCall) and call.wait_s == seconds


def test_a_header_may_be_without_an_optional_column() -> None:
    text = MAP.replace('wait_s = "wait"', 'wait_s = { column = "waited", optional = true }')
    (call,) = reader(text).read([GOOD], 2)
    assert isinstance(call, LoggedCall) and call.wait_s == -1 and "wait_s" not in reader(text).tells
    assert {"wait_s", "head_start_s"} <= reader().tells


def test_documents_of_json_are_lines_whose_columns_are_their_keys() -> None:
    document = (
        '{"rang": "2026-03-02 10:00:00", "from": "+12025550100", "to": "sip:42120550000@x", "end": "ok", "wait": 12.0,'
        ' "value": 3000, "kind": "g", "granted": "5m", "facts": ["not", "asked"]}'
    )
    other = '{"rang": "2026-03-02 10:00:00", "end": "no", "from": null}'
    documents = reader(header=document)
    assert documents.header_lines == 0 and reader().header_lines == 1
    found = list(documents.read([document, other, "[1]", "{"], 1))
    assert found[0] == next(iter(reader().read([GOOD], 1)))
    assert found[1] == LoggedCall(2, 1772445600, "", "", "missed")
    assert found[2:] == [Dirty(3, "no JSON document of keys and values"), Dirty(4, "no JSON document")]
