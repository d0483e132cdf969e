"""The plan of a week as a picture: SVG for a page, blocks for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...replay.arrivals import QUARTERS
from .staffing import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...replay.staffing import Need

LEFT, TOP, STEP, HEIGHT, GAP = 60, 40, 8, 70, 22
"""Margins, width of a quarter hour, height of a day and the space under it, in pixels."""

BLOCKS = " ▁▂▃▄▅▆▇█"
"""None to full, in eighths."""

STYLE = (
    "text{font:12px sans-serif;fill:#333}.a{fill:#9ecae1}.c{fill:none;stroke:#d6604d;stroke-width:1.5}"
    ".grid{stroke:#ddd}.zero{stroke:#888}"
)


def as_svg(week: Sequence[Need]) -> str:
    """A row a day: agents by Erlang A as an area, by Erlang C as a line over it."""
    most = max((need.agents_c for need in week), default=0) or 1
    most = max(most, *(need.agents_a for need in week))
    width, height = LEFT + QUARTERS * STEP + 20, TOP + 7 * (HEIGHT + GAP) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="18">Agents needed, at most {most}: area by Erlang A, line by Erlang C</text>',
    ]
    for weekday, name in enumerate(WEEKDAYS):
        day = [need for need in week if need.expected.weekday == weekday]
        floor = TOP + weekday * (HEIGHT + GAP) + HEIGHT
        lines += _frame(name, floor, max((need.agents_a for need in day), default=0))
        lines.append(f'<path class="a" d="{_steps([need.agents_a for need in day], floor, most)}Z"/>')
        lines.append(f'<path class="c" d="{_steps([need.agents_c for need in day], floor, most)}"/>')
    return "\n".join([*lines, "</svg>", ""])


def _frame(name: str, floor: int, peak: int) -> Iterator[str]:
    """What stands about the curves of a day."""
    for hour in range(0, 25, 2):
        x = LEFT + hour * 4 * STEP
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{floor - HEIGHT}" y2="{floor}"/>'
        yield f'<text x="{x}" y="{floor + 14}" text-anchor="middle">{hour:02}</text>'
    yield f'<line class="zero" x1="{LEFT}" x2="{LEFT + QUARTERS * STEP}" y1="{floor}" y2="{floor}"/>'
    for text, y in ((name, floor - HEIGHT // 2), (f"max {peak}", floor - HEIGHT // 2 + 16)):
        yield f'<text x="8" y="{y}">{text}</text>'


def _steps(agents: Sequence[int], floor: int, most: int) -> str:
    """A path of steps from the floor, over every quarter hour, back to the floor."""
    path = [f"M{LEFT} {floor}"]
    for quarter, count in enumerate(agents):
        path.append(f"V{floor - HEIGHT * count / most:.1f}H{LEFT + (quarter + 1) * STEP}")
    return "".join([*path, f"V{floor}"])


def as_bars(week: Sequence[Need]) -> Iterator[str]:
    """A line a day, a block a quarter hour, all to one scale: agents by Erlang A."""
    most = max((need.agents_a for need in week), default=0) or 1
    yield f"{'':4}{''.join(f'{hour:<8}' for hour in range(0, 24, 2))}"
    for weekday, name in enumerate(WEEKDAYS):
        agents = [need.agents_a for need in week if need.expected.weekday == weekday]
        blocks = "".join(BLOCKS[-(-8 * count // most)] for count in agents)
        yield f"{name} {blocks} {max(agents, default=0)}"
