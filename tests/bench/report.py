"""The tables of a run, as Markdown, and the progress on the way to them."""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

BEGAN = time.monotonic()


class Table(NamedTuple):
    """One table."""

    title: str
    """Its heading."""
    rows: list[dict[str, Any]]
    """Its rows; the columns are their keys, in order of first appearance."""
    note: str = ""
    """What the reader must know, below it."""


def say(what: str) -> None:
    """Tell the person who waits what is being measured."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {what}", file=sys.stderr, flush=True)


def measured(
    what: str, figure: float, unit: str, ratio: float | None, target: float, of: str = "", at_least: bool = False
) -> dict[str, Any]:
    """A row of a target table: the figure, its ratio `of` something (or None), and whether the target is reached.

    The target is for the ratio where there is one, else for the figure.
    """
    judged = figure if ratio is None else ratio
    return {
        "what": what,
        "figure": f"{figure:,.3g}" if figure < 1000 else f"{figure:,.0f}",
        "unit": unit,
        "ratio": None if ratio is None else f"{ratio:.2f}",
        "target": f"{'at least' if at_least else 'at most'} {target:g}{f' x {of}' if of else f' {unit}'}",
        "reached": "yes" if (judged >= target if at_least else judged <= target) else "no",
    }


def as_text(cell: object) -> str:
    """A cell: numbers with thousands set apart, nothing for None."""
    return "" if cell is None else f"{cell:,}" if isinstance(cell, (int, float)) else str(cell)


def markdown(table: Table) -> str:
    """The table with its heading."""
    columns = list(dict.fromkeys(column for row in table.rows for column in row))
    cells = [columns, *([as_text(row.get(column)) for column in columns] for row in table.rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in cells]
    lines = ["| " + " | ".join(line) + " |" for line in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([f"### {table.title}", "", *lines, *(["", table.note] if table.note else []), ""])
