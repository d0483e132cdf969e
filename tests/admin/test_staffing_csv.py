"""Logs of calls as PBXs and people write them."""

from __future__ import annotations

import io
from datetime import date

import pytest

from asterisk_router.admin.staffing_csv import Columns, RejectedLine, StaffedCalls
from asterisk_router.errors import RouterError
from asterisk_router.replay.arrivals import StaffedCall

DAY = date(2026, 11, 23).toordinal()
CALLS = Columns("start", "talk", waited="wait", outcome="end")
HEADER = "start,talk,wait,end\n"


def read(text: str, columns: Columns = CALLS, wrap_up_s: float = 0.0) -> tuple[list[StaffedCall], StaffedCalls]:
    calls = StaffedCalls(io.StringIO(text), columns, wrap_up_s)
    return list(calls), calls


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_call_is_when_how_long_and_whether(delimiter: str) -> None:
    text = HEADER + "2026-11-23 08:15:30,120,7,ANSWERED\n2026-11-23T09:00,0,40,NO ANSWER\n"
    calls, file = read(text.replace(",", delimiter), wrap_up_s=15)
    assert calls == [
        StaffedCall(DAY, 8 * 3600 + 930, 135.0, 7.0, True),
        StaffedCall(DAY, 9 * 3600, 0.0, 40.0, False),
    ]
    assert file.rejected == file.left_out == 0


@pytest.mark.parametrize("day", ["2026-11-23", "20261123", "261123", "23.11.2026"])
def test_a_day_of_its_own_column(day: str) -> None:
    calls, _ = read(f"day;at;talk\n{day};8:15:30;0:02:00\n", Columns("at", "talk", "day"))
    assert calls == [StaffedCall(DAY, 8 * 3600 + 930, 120.0, None, True)]


def test_seconds_since_1970_are_in_the_zone_of_the_machine() -> None:
    from datetime import datetime

    at = datetime(2026, 11, 23, 8, 15, 30)
    calls, _ = read(f"start,talk\n{at.timestamp()},5\n", Columns("start", "talk"))
    assert calls == [StaffedCall(DAY, 8 * 3600 + 930, 5.0, None, True)]


def test_places_alone_mean_there_is_no_header() -> None:
    master = '"","100","200","out","x","SIP/1","SIP/2","Dial","","2026-11-23 10:00:00","","",30,20,"ANSWERED"\n'
    calls, _ = read(master * 2, Columns("10", "14", outcome="15"))
    assert calls == [StaffedCall(DAY, 36000, 20.0, None, True)] * 2


def test_words_leave_calls_out() -> None:
    text = "start,talk,end,queue\n" + "".join(
        f"2026-11-23 08:00,60,{end},{queue}\n" for end, queue in (("A", "x"), ("B", "y"), ("GHOST", "x"), ("A", "z"))
    )
    columns = Columns("start", "talk", outcome="end", answered=("A", "B"), ignored=("GHOST",))
    calls, file = read(text, columns._replace(only=(("queue", ("x", "y")),)))
    assert len(calls) == 2 and all(call.answered for call in calls) and file.left_out == 2


def test_a_line_that_is_no_call_is_told_and_the_rest_goes_on() -> None:
    good = "2026-11-23 08:00,60,5,ANSWERED\n"
    bad = [
        ("2026-13-40 08:00,60,5,ANSWERED", "no date: '2026-13-40'"),
        ("2026-11-23 25:00,60,5,ANSWERED", "no time of day: '25:00'"),
        ("yesterday,60,5,ANSWERED", "no moment: 'yesterday'"),
        ("2026-11-23 08:00,-1,5,ANSWERED", "no span of seconds: '-1'"),
        ("2026-11-23 08:00,60", "not as many columns as the header: 2, not 4"),
    ]
    calls, file = read(HEADER + "".join(f"{good}{line}\n\n" for line, _ in bad) + good)
    assert len(calls) == 6 and file.rejected == 5
    assert file.first_rejections == [RejectedLine(3 * place + 3, reason) for place, (_, reason) in enumerate(bad)]
    _, short = read("2026-11-23 08:00\n", Columns("1", "2"))
    assert short.first_rejections == [RejectedLine(1, "too few columns")]


def test_only_the_first_bad_lines_are_kept() -> None:
    _, file = read(HEADER + "x,1,1,y\n" * 100)
    assert (file.rejected, len(file.first_rejections)) == (100, 20)


def test_a_column_the_file_has_not_is_named_with_the_nearest() -> None:
    with pytest.raises(RouterError, match=r"no column 'strat' .*'start'"):
        read(HEADER, CALLS._replace(started="strat"))
    with pytest.raises(RouterError, match="no column '9'"):
        read(HEADER, CALLS._replace(started="9"))
    with pytest.raises(RouterError, match="empty"):
        read("", CALLS)
