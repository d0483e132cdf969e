"""Atheris at each reader in turn: bytes that lead somewhere new, until one is not borne or the time is up."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz import watched
from tests.fuzz.parsers import targets
from tests.fuzz.row import Came, Row, Wishes

ROOT = Path(__file__).parents[2]
MOST_BYTES = 8192
"""Longest input tried."""
PULSE = re.compile(r"#(\d+)\s+[A-Z_a-z]+(?: +cov: (\d+) ft: (\d+))?")
"""How libFuzzer says where it stands: inputs, places of the code reached, ways through it; these where it knows any."""


def readers(wished: Wishes, came: Came) -> Iterator[Row]:
    """Each in a process of its own, for libFuzzer ends it."""
    if importlib.util.find_spec("atheris") is None:
        yield Row("readers", "all", 0, "", 0.0, [], "atheris is not there (pip install atheris; Python 3.11 to 3.13)")
        return
    for name in targets():
        row = _hunt(name, wished, came)
        yield row
        if row.stopped:
            return


def again(which: str) -> tuple[str, bool]:
    """Read one file anew, named `READER:FILE`: what became of it, and whether it was borne.

    Raises ValueError when there is no such reader, OSError when there is no such file.
    """
    name, _, file = which.partition(":")
    if name not in targets():
        raise ValueError(f"no reader {name!r}")
    data = Path(file).read_bytes()
    try:
        targets()[name].reads(data)
    except Exception as fault:
        return f"{data!r}\n\n{fault!r}", False
    return f"{data!r}\n\nborne", True


def _hunt(name: str, wished: Wishes, came: Came) -> Row:
    began_s, pulse = time.monotonic(), (0, 0)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    label = f"readers, {name}, inputs"
    came(label, 0, 0)

    def heard(line: str) -> None:
        nonlocal pulse
        found = PULSE.match(line)
        pulse = (int(found[1]), int(found[3] or 0)) if found else pulse
        came(label, pulse[0], 0)

    command = [sys.executable, "-m", "tests.fuzz.looking", name, f"-max_total_time={wished.seconds}"]
    command += [f"-max_len={MOST_BYTES}", "-rss_limit_mb=1024", "-timeout=10", f"-seed={wished.seed % 2**32 or 1}"]
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    done = watched.run(command, folder, heard, PYTHONPATH=path)
    found, took_s = [], time.monotonic() - began_s
    if done.code and not done.stopped:
        kept = [file for file in folder.iterdir() if file.is_file()]
        found = ["\n".join(done.said[-40:])]
        found += [f"again: python -m tests.fuzz readers --again {name}:{file}" for file in kept]
    if not found:
        _emptied(folder)
    return Row("readers", name, pulse[0], f"{pulse[1]:,} ways through the code", took_s, found, "", done.stopped)


def _emptied(folder: Path) -> None:
    for file in (*folder.glob("corpus/*"), *folder.glob("*.*")):
        file.unlink()
    for place in (folder / "corpus", folder):
        if place.is_dir():
            place.rmdir()
