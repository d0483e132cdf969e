"""A queue of a log played again, by its own order and by policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.past.past_queue import AT_ONCE, NO_WAIT, OTHERS, PastQueue, as_it_was, changed, estimated
from asterisk_router.errors import RouterError
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.replay.queue_simulation import RandomClass, Shifts, play_day, random_calls
from tests.admin.past_logs import JANUARY, january, opened

MAP = """
[file]
header = true
[start]
columns = ["at"]
format = "epoch"
timezone = "UTC"
[columns]
caller = "from"
call_id = "id"
tags = "kind"
wait_s = "wait"
talk_s = "talk"
queue = "queue"
agent = "agent"
outcome = { column = "end", words = { a = "answered", m = "missed" } }
"""

HOUSE = """
[policy]
name = "house"
[classes]
vip = { branch = "sales", queue = "sales", head_start = "90s", promised_wait = "10s" }
default = { branch = "sales", queue = "sales" }
[[classify]]
name = "the best"
when = "tag('vip')"
class = "vip"
[[classify]]
name = "everybody"
class = "default"
"""


def made_up(calls: int = 1500, queue: str = "sales") -> str:
    """An afternoon of one queue with two agents who are always there; every fourth caller is a VIP; first come first.

    Whoever of them answers is not in it: both are `boris`.
    """
    asked = random_calls([RandomClass(20, 180, 0, 300), RandomClass(10, 180, 0, 300)], calls, 5, 0)
    played = play_day(asked, Shifts.always(2), [20, 20])
    lines = ["at,from,id,kind,wait,talk,queue,agent,end"]
    for at, (at_s, kind, talk_s, wait_s, fate) in enumerate(
        zip(asked.at_s, asked.class_of, asked.service_s, played.waited_s, played.fates, strict=True)
    ):
        ended = f"{talk_s:.0f},{queue},boris,a" if fate == 0 else f"0,{queue},,m"
        wait = max(round(wait_s), 1) if fate else round(wait_s)
        lines.append(f"{1_780_000_000 + at_s:.0f},+12025550100,{at}.1,{'vip' if kind else ''},{wait},{ended}")
    return "\n".join([*lines, ""])


def written(folder: Path, text: str = HOUSE) -> Policy:
    (folder / "house.toml").write_text(text)
    return load(str(folder / "house.toml"))


def nobody(done: int) -> None:
    pass


def test_the_past_comes_out_again_in_its_own_order_and_a_head_start_changes_it(tmp_path: Path) -> None:
    past = PastQueue(opened(tmp_path, made_up(), MAP), [written(tmp_path)], "")
    assert [each.name for each in past.classes] == ["default", "vip"] and past.calls == 1500
    days = [past.played(order, Shifts.always(2), 1, 6, nobody) for order in (-1, 0)]
    was = {row[0]: row for row in as_it_was(past)}
    before, after = estimated(past, -1, days[0]), estimated(past, 0, days[1])
    for each in before:
        _, calls, promised_s, waits, mean_s, _, gone = was[each.name]
        assert calls > 400 and promised_s == (10 if each.name == "vip" else 20)
        assert each.figures["mean_wait_s"].mean == pytest.approx(mean_s, rel=0.1)
        assert 100 * each.figures["share_that_waits"].mean == pytest.approx(waits, abs=5)
        assert 100 * each.figures["abandonment"].mean == pytest.approx(gone, abs=4)
    assert [each.head_start_s for each in before] == [0, 0] and [each.head_start_s for each in after] == [0, 90]
    others, vip = (each.figures["mean_wait_s"] for each in changed(past, 0, *days))
    assert vip.high < 0 < others.low
    assert past.sent_elsewhere(0) == past.brought_in(0) == 0


def test_a_policy_may_send_a_class_elsewhere_and_bring_in_another_queue(tmp_path: Path) -> None:
    elsewhere = HOUSE.replace('{ branch = "sales", queue = "sales", head_start = "90s"', '{ branch = "reception"')
    log = made_up(200) + made_up(200, "support").partition("\n")[2].replace(".1,", ".2,")
    past = PastQueue(opened(tmp_path, log, MAP), [written(tmp_path, elsewhere)], "sales")
    assert past.calls == 200 and 40 < past.sent_elsewhere(0) < 90
    assert past.brought_in(0) == 200 - past.sent_elsewhere(0), "the same callers called support"
    days = [past.played(order, Shifts.always(4), 1, 2, nobody) for order in (-1, 0)]
    by_name = {each.name: each.figures for each in estimated(past, 0, days[1])}
    assert not by_name["vip"] and by_name["default"]
    assert changed(past, 0, *days)[1].figures == {}, "nobody is left to be compared"


def test_several_queues_are_simulated_one_at_a_time(tmp_path: Path) -> None:
    log = made_up(100) + made_up(100, "support").partition("\n")[2].replace(".1,", ".2,")
    with pytest.raises(RouterError, match=r"queues of the log: sales \(.*--queue NAME"):
        PastQueue(opened(tmp_path, log, MAP), [written(tmp_path)], "")
    with pytest.raises(RouterError, match=r"waited in a queue 'sails' \(did you mean 'sales'"):
        PastQueue(opened(tmp_path, log, MAP), [written(tmp_path)], "sails")
    silent = MAP.replace('queue = "queue"\n', "")
    two = HOUSE.replace('queue = "sales", head', 'queue = "reception", head')
    with pytest.raises(RouterError, match=r"queues of the policy: sales .*, reception"):
        PastQueue(opened(tmp_path, made_up(200), silent), [written(tmp_path, two)], "")


def test_calls_that_tell_too_little_are_left_out_and_counted(tmp_path: Path) -> None:
    text = made_up(100) + "1780000000,,x.1,,,60,sales,boris,a\n1780000000,,y.1,,0,,sales,,m\n"
    past = PastQueue(opened(tmp_path, text, MAP), [written(tmp_path)], "")
    assert dict(past.left_out) == {NO_WAIT: 1, AT_ONCE: 1}
    assert [each.name for each in past.classes] == ["default", OTHERS], "of 30 VIPs nothing sure can be said"
    with pytest.raises(RouterError, match="simulate --log needs wait_s"):
        PastQueue(opened(tmp_path, text, MAP.replace('wait_s = "wait"\n', "")), [written(tmp_path)], "")
    with pytest.raises(RouterError, match="not one call in the log"):
        PastQueue(opened(tmp_path, text.partition("\n")[0] + "\n", MAP), [written(tmp_path)], "")


@pytest.mark.skipif(not JANUARY.exists(), reason="the log of the bank is not beside the repository")
def test_a_real_month_is_played_with_agents_as_its_calls_show_them(tmp_path: Path) -> None:
    rule = HOUSE.replace(', queue = "sales"', "").replace("'vip'", "'priority'")
    past = PastQueue(january(), [written(tmp_path, rule)], "regular")
    assert past.calls == 29_875 and past.sent_elsewhere(0) == 0
    assert past.left_out[AT_ONCE] == 1190 + 27, "27 of them called for internet support"
    regular, priority = past.played(0, past.shifts, 1, 1, nobody)[0]
    in_all = past.classes[0].log + past.classes[1].log
    assert (regular + priority).mean_wait_s == pytest.approx(in_all.mean_wait_s, rel=0.05)
    assert (regular + priority).abandonment == pytest.approx(in_all.abandonment, abs=0.015)
