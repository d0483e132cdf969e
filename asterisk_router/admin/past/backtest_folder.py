"""Whose folder it is: what a backtest that was broken off is of, so that only the same one goes on with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BacktestError

FORMAT = 2
"""Of the files in a folder; it changes with them. The folders of releases before it have no such number."""

PLAN = "plan.json"
"""The file that says of which run the others are."""


def size_then(folder: Path) -> int | None:
    """How long the log was when the run of that folder began; None where none did.

    Raises BacktestError where this release cannot go on with it.
    """
    plan = _kept(folder)
    return plan["size"] if plan else None


def claim(folder: Path, plan: Mapping[str, Any]) -> None:
    """Make the folder that of the run with this plan; raises BacktestError where it is another's."""
    kept = _kept(folder)
    if kept is None:
        if any(folder.iterdir()):
            raise BacktestError("the folder holds something else", where=str(folder), remedy="name a new or empty one")
        write_whole(folder / PLAN, json.dumps({"format": FORMAT, **plan}).encode())
    elif kept != {"format": FORMAT, **plan}:
        problem = "what is kept there is of another log, map, policy or option"
        raise BacktestError(problem, where=str(folder), remedy="name another folder, or remove this one")


def write_whole(file: Path, *parts: bytes | bytearray) -> None:
    """A file that is there whole or not at all."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    with unfinished.open("wb") as opened:
        opened.writelines(parts)
    unfinished.replace(file)


def _kept(folder: Path) -> dict[str, Any] | None:
    file = folder / PLAN
    if not file.exists():
        return None
    try:
        plan = json.loads(file.read_bytes())
    except ValueError:
        plan = None
    if not isinstance(plan, dict) or plan.get("format") != FORMAT or type(plan.get("size")) is not int:
        problem = "what is kept there was begun by another release, or is damaged"
        raise BacktestError(problem, where=str(folder), remedy="name another folder, or remove this one")
    return plan
