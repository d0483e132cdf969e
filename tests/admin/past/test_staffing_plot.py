"""Pictures of a week: well-formed, to one scale, every quarter hour in its place."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from asterisk_router.admin.past.staffing import WEEKDAYS
from asterisk_router.admin.past.staffing_plot import BLOCKS, GAP, HEIGHT, LEFT, STEP, TOP, as_bars, as_svg
from asterisk_router.replay.arrivals import QUARTERS, ExpectedQuarter
from asterisk_router.replay.erlang import Goal
from asterisk_router.replay.staffing import needs

SVG = "{http://www.w3.org/2000/svg}"
WEEK = needs(
    [
        ExpectedQuarter(weekday, quarter, 40.0 if (weekday, quarter) == (2, 40) else 4.0 * (32 <= quarter < 64), 180.0)
        for weekday in range(7)
        for quarter in range(QUARTERS)
    ],
    Goal(),
    120.0,
)


def test_the_svg_has_two_curves_a_day_and_stays_in_its_frame() -> None:
    root = ElementTree.fromstring(as_svg(WEEK))
    paths = root.findall(f"{SVG}path")
    assert [path.get("class") for path in paths] == ["a", "c"] * 7
    assert all(path.get("d", "").count("H") == QUARTERS for path in paths)
    assert all(f"H{LEFT + QUARTERS * STEP}" in path.get("d", "") for path in paths)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert set(WEEKDAYS) <= set(texts)
    assert f"max {max(need.agents_a for need in WEEK)}" in texts
    for place, path in enumerate(paths):
        floor = TOP + place // 2 * (HEIGHT + GAP) + HEIGHT
        heights = [float(height) for height in re.findall(r"V([\d.]+)", path.get("d", ""))]
        assert min(heights) >= floor - HEIGHT and max(heights) == heights[-1] == floor


def test_bars_are_a_block_a_quarter_hour_to_one_scale() -> None:
    head, *days = as_bars(WEEK)
    assert [day[:3] for day in days] == list(WEEKDAYS) and len(head) >= QUARTERS
    for day in days:
        blocks = day[4 : 4 + QUARTERS]
        assert set(blocks) <= set(BLOCKS) and blocks[:32].strip() == "" and blocks[33] != " "
    assert days[2][4 + 40] == BLOCKS[-1] and BLOCKS[-1] not in days[1]


def test_a_week_without_a_call_is_a_picture_too() -> None:
    ElementTree.fromstring(as_svg(needs([ExpectedQuarter(0, 0, 0.0, 180.0)], Goal())))
    assert len(list(as_bars([]))) == 8
