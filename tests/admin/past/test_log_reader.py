"""A log read for its calls: every line accounted for, whatever the chunks."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.past.log_file import load_column_map
from asterisk_router.admin.past.log_reader import NO_END, OTHER_QUEUE, wall_zone
from asterisk_router.errors import RouterError
from asterisk_router.replay.column_map import MAPS
from tests.admin.past_logs import MAP, mondays, opened

QUEUE_LOG = (MAPS / "queue-log.toml").read_text().replace('format = "epoch"', 'format = "epoch"\ntimezone = "UTC"')


def two_queues() -> str:
    """Sixty callers of sales; every third goes on to support and is answered there; every line between is no event."""
    lines = []
    for call in range(60):
        at_s = 1_795_425_600 + 100 * call
        lines.append(f"{at_s}|{at_s}.1|sales|NONE|ENTERQUEUE||+120255501{call:02}|1")
        lines.append(f"{at_s + 1}|{at_s}.1|sales|anna|RINGNOANSWER|1000")
        if call % 3:
            lines.append(f"{at_s + 150}|{at_s}.1|sales|NONE|ABANDON|1|1|150")
        else:
            lines.append(f"{at_s + 20}|{at_s}.1|sales|NONE|EXITWITHTIMEOUT|1|1|20")
            lines.append(f"{at_s + 21}|{at_s}.1|support|NONE|ENTERQUEUE||+120255501{call:02}|1")
            lines.append(f"{at_s + 25}|{at_s}.1|support|ben|CONNECT|4|x|4")
            lines.append(f"{at_s + 95}|{at_s}.1|support|ben|COMPLETEAGENT|4|70|1")
    return "".join(f"{line}\n" for line in sorted(lines))


@pytest.mark.parametrize("chunk_bytes", [1 << 20, 400, 90])
def test_a_call_of_two_queues_is_one_of_each_whatever_the_chunks(tmp_path: Path, chunk_bytes: int) -> None:
    log = opened(tmp_path, two_queues(), QUEUE_LOG, (), chunk_bytes)
    calls = sorted(log, key=lambda call: call.line)
    assert len(calls) == 80 and log.lines == 240 and log.dirty == 0
    assert [call.line for call in calls] == [
        at for at, line in enumerate(two_queues().splitlines(), 1) if "ENTERQUEUE" in line
    ]
    answered = [call for call in calls if call.answered]
    assert {(call.queue, call.wait_s, call.talk_s, call.agent) for call in answered} == {("support", 4, 70, "ben")}
    assert dict(log.skipped) == {"an event that tells nothing of a call": 60, "a further event of a call": 100}


def test_calls_of_other_queues_and_without_an_end_are_left_out_and_counted(tmp_path: Path) -> None:
    text = two_queues() + "1795500000|1795500000.1|sales|NONE|ENTERQUEUE||+12025550100|1\n"
    log = opened(tmp_path, text, QUEUE_LOG, ("sales",))
    assert {call.queue for call in log} == {"sales"}
    assert (log.skipped[OTHER_QUEUE], log.skipped[NO_END]) == (20, 1)


def test_records_of_one_call_are_one_call_and_dirty_lines_are_told_with_their_number(tmp_path: Path) -> None:
    master = (
        '"","+12025550100","42120550000","trunk","","PJSIP/berlin-0000001a","PJSIP/{}-0000001b","Queue","sales",'
        '"2026-03-02 10:00:0{}","","",30,{},"{}","DOCUMENTATION","1772445600.7",""\n'
    )
    text = master.format("anna", 0, 0, "NO ANSWER") + "slipped\n" + master.format("ben", 1, 20, "ANSWERED")
    for chunk_bytes in (1 << 20, 100):
        log = opened(tmp_path, text, (MAPS / "asterisk-cdr.toml").read_text(), (), chunk_bytes)
        (call,) = log
        assert (call.line, call.answered, call.talk_s, call.agent) == (1, True, 20, "ben")
        assert [line.line for line in log.first_dirty] == [2] and log.dirty == 1


def test_only_the_first_dirty_lines_are_kept(tmp_path: Path) -> None:
    log = opened(tmp_path, mondays(1) + "x\n" * 100)
    assert len(list(log)) == 200 and (log.dirty, len(log.first_dirty)) == (100, 20)
    assert log.first_at_s < log.last_at_s


def test_hours_of_the_day_need_a_time_zone_where_moments_tell_none() -> None:
    events = load_column_map("queue-log")
    assert wall_zone(events, "Europe/London") == wall_zone(events, "", "Europe/London") == "Europe/London"
    with pytest.raises(RouterError, match="are the same in every time zone"):
        wall_zone(events, "")
    with pytest.raises(RouterError, match="no such time zone"):
        wall_zone(events, "Europe/Nowhere")
    assert wall_zone(load_column_map("asterisk-cdr"), "") == "UTC"


def test_what_a_map_does_not_tell_is_named(tmp_path: Path) -> None:
    log = opened(tmp_path, mondays(1), MAP)
    log.needs("talk_s", "wait_s", for_what="this")
    with pytest.raises(RouterError, match="this needs agent, which this map does not tell"):
        log.needs("agent", for_what="this")
    assert log.tells("talk_s") and not log.tells("queue")
