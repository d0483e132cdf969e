"""How results look: aligned columns with a count at the bottom, as Asterisk prints them, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], one: str, many: str = "") -> None:
    """Rows under their headers and, last, how many there are: `2 tags`; numbers stand to the right."""
    cells = [[_shown(value) for value in row] for row in rows]
    numeric = [all(_is_number(row[place]) for row in cells) and bool(cells) for place in range(len(headers))]
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    for row in (headers, *cells):
        columns = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        )
        click.echo("  ".join(columns).rstrip())
    click.echo(f"{len(cells)} {one if len(cells) == 1 else many or one + 's'}")


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Names and values, one pair a line, as `core show settings` prints them; empty values are left out."""
    shown = [(name, _shown(value)) for name, value in facts if value not in ("", None, ())]
    width = max((len(name) for name, _ in shown), default=0)
    for name, text in shown:
        click.echo(f"  {name + ':':<{width + 1}}  {text}")


def print_json(value: Any) -> None:
    """One JSON document, indented for people."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_line(value: Any) -> None:
    """One JSON document on one line, for streams of them."""
    click.echo(json.dumps(value, ensure_ascii=False))


def as_plain(record: Any) -> Any:
    """A record, and every record inside it, as dicts and lists under the names of their fields."""
    if isinstance(record, tuple):
        if hasattr(record, "_asdict"):
            return {name: as_plain(value) for name, value in record._asdict().items()}
        return [as_plain(value) for value in record]
    return record


def _shown(value: object) -> str:
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return str(value)


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
