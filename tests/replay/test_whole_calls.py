"""A log of events, put together: wherever it is cut, every call is told once and with its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.replay.column_map import MAPS, column_map
from asterisk_router.replay.past_call import TOGETHER_S, UNKNOWN, LoggedCall
from asterisk_router.replay.row_reader import RowReader
from asterisk_router.replay.whole_calls import TELLS_MORE, whole_calls

AT_S = 1772445600
ANNA = ("answered", "anna")


def log(*events: str) -> list[str]:
    """Lines of `SECOND CALL EVENT|...`, in the queue sales."""
    lines = []
    for event in events:
        second, call, rest = event.split(" ", 2)
        agent = "anna" if rest.startswith(("CONN", "COMP", "BLIND", "ATT")) else "NONE"
        lines.append(f"{AT_S + int(second)}|{call}|sales|{agent}|{rest}")
    return lines


def calls(lines: list[str], cuts: tuple[int, ...] = ()) -> list[LoggedCall]:
    """The calls of some lines, cut there."""
    rows = RowReader(column_map((MAPS / "queue-log.toml").read_text(), "queue-log"), "", "UTC")
    ends = [0, *sorted(cuts), len(lines)]
    told = []
    for start, end in zip(ends, ends[1:], strict=False):
        own, later = lines[start:end], lines[end:]
        found = list(whole_calls(rows.read(own, 1), rows.read(later, 1)))
        assert len([each for each in found if each is TELLS_MORE]) + own_begins(own) + nothing(own) == len(own)
        told += [each for each in found if isinstance(each, LoggedCall)]
    return sorted((call._replace(line=0) for call in told), key=lambda call: (call.at_s, call.call_id))


def own_begins(lines: list[str]) -> int:
    return sum("|ENTERQUEUE|" in line for line in lines)


def nothing(lines: list[str]) -> int:
    return sum("|RINGNOANSWER|" in line for line in lines)


@pytest.mark.parametrize(
    ("events", "ended"),
    [
        (["9 1.1 CONNECT|9|1.2|3", "69 1.1 COMPLETEAGENT|9|60|1"], (*ANNA, 9, 60)),
        (["9 1.1 CONNECT|9|1.2|3", "69 1.1 COMPLETECALLER|9|60|1"], (*ANNA, 9, 60)),
        (["9 1.1 CONNECT|9|1.2|3", "69 1.1 BLINDTRANSFER|200|default|9|60|1"], (*ANNA, 9, 60)),
        (["9 1.1 CONNECT|9|1.2|3", "69 1.1 ATTENDEDTRANSFER|LINK|SIP/a|SIP/b|9|60|1"], (*ANNA, 9, 60)),
        (["9 1.1 CONNECT|9|1.2|3"], (*ANNA, 9, UNKNOWN)),
        (["5 1.1 RINGNOANSWER|5000", "30 1.1 ABANDON|1|1|30"], ("missed", "", 30, UNKNOWN)),
        (["60 1.1 EXITWITHTIMEOUT|1|1|60"], ("missed", "", 60, UNKNOWN)),
        (["60 1.1 EXITEMPTY|1|1|60"], ("missed", "", 60, UNKNOWN)),
        (["12 1.1 WITHDRAW|1|1|12|callback"], ("missed", "", 12, UNKNOWN)),
        (["12 1.1 EXITWITHKEY|0|1|1|12"], ("missed", "", 12, UNKNOWN)),
        ([], ("unknown", "", UNKNOWN, UNKNOWN)),
    ],
)
def test_every_end_of_a_call_in_a_queue(events: list[str], ended: tuple[str, str, int, int]) -> None:
    (call,) = calls(log("0 1.1 ENTERQUEUE||+12025550100|1", *events))
    assert (call.outcome, call.agent, call.wait_s, call.talk_s) == ended
    assert (call.caller, call.queue, call.at_s) == ("+12025550100", "sales", AT_S)


SOME = log(
    "0 1.1 ENTERQUEUE||+12025550100|1", "1 1.2 ENTERQUEUE||+12025550101|2", "5 1.1 RINGNOANSWER|5000",
    "9 1.1 CONNECT|9|1.3|3", "20 1.2 EXITWITHTIMEOUT|1|2|19", "21 1.2 ENTERQUEUE||+12025550101|1",
    "30 1.4 ENTERQUEUE||+12025550102|2", "69 1.1 COMPLETEAGENT|9|60|1", "80 1.2 ABANDON|1|1|59",
    "90 1.9 ABANDON|1|1|59",
)  # fmt: skip


@given(st.sets(st.integers(0, len(SOME))))
def test_where_a_log_is_cut_changes_no_call(cuts: set[int]) -> None:
    assert calls(SOME, tuple(cuts)) == calls(SOME)


def test_a_call_that_enters_again_is_told_each_time() -> None:
    assert [(call.call_id, call.outcome, call.wait_s) for call in calls(SOME)] == [
        ("1.1", "answered", 9), ("1.2", "missed", 19), ("1.2", "missed", 59), ("1.4", "unknown", UNKNOWN),
    ]  # fmt: skip
    again = log("0 1.1 ENTERQUEUE||+12025550100|1", "9 1.1 ENTERQUEUE||+12025550100|1", "12 1.1 ABANDON|1|1|3")
    for cuts in ((), (1,), (2,)):
        assert [call.outcome for call in calls(again, cuts)] == ["unknown", "missed"]


def test_an_end_that_is_never_told_is_not_looked_for_to_the_end_of_the_log() -> None:
    later = iter(
        RowReader(column_map((MAPS / "queue-log.toml").read_text(), "queue-log"), "", "UTC").read(
            log(f"{TOGETHER_S} 1.5 ABANDON|1|1|3", f"{TOGETHER_S + 1} 1.5 ABANDON|1|1|3", "9 1.1 ABANDON|1|1|9"), 1
        )
    )
    rows = RowReader(column_map((MAPS / "queue-log.toml").read_text(), "queue-log"), "", "UTC")
    (call,) = whole_calls(rows.read(log("0 1.1 ENTERQUEUE||+12025550100|1"), 1), later)
    assert isinstance(call, LoggedCall) and call.outcome == "unknown" and len(list(later)) == 1
