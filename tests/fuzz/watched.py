"""What a person sees of a long run, and programs run under such a watch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

SELDOM_S = 10.0
"""Between two lines where nobody watches; a terminal is told twenty times as often."""
PATIENCE_S = 10.0
"""For a program that was asked to end."""


class Progress:
    """How far it is, how fast it goes and how long it will take: one line on a terminal, else a line now and then."""

    def __init__(self, to: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self._to, self._clock = to, clock
        self._label, self._began_s, self._told_s, self._shown = "", 0.0, 0.0, 0

    def __call__(self, label: str, done: float, of: float) -> None:
        """So much is done of so much."""
        now_s = self._clock()
        if label != self._label:
            self._label, self._began_s, self._told_s = label, now_s, now_s
        elif now_s - self._told_s < (SELDOM_S / 20 if self._to.isatty() else SELDOM_S):
            return
        self._told_s = now_s
        self._tell(line(label, done, of, now_s - self._began_s))

    def over(self) -> None:
        """Nothing is under way any more: the line on the terminal goes."""
        if self._shown:
            self._to.write("\r" + " " * self._shown + "\r")
            self._to.flush()
        self._label, self._shown = "", 0

    def _tell(self, said: str) -> None:
        if self._to.isatty():
            self._to.write("\r" + said.ljust(self._shown))
            self._shown = len(said)
        else:
            self._to.write(said + "\n")
        self._to.flush()


def line(label: str, done: float, of: float, took_s: float) -> str:
    """`environments: 340,000 of 1,000,000 (34%), 2,833 a second, 4 min left`; `of` is 0 where nobody knows the end."""
    said = f"{label}: {done:,.0f} of {of:,.0f} ({done / of:.0%})" if of else f"{label}: {done:,.0f}"
    if done <= 0 or took_s <= 0:
        return said
    rate, left_s = done / took_s, (of - done) * took_s / done
    said += f", {rate:,.{0 if rate >= 10 else 1}f} a second"
    if not of:
        return said
    return f"{said}, {left_s / 60:.0f} min left" if left_s >= 90 else f"{said}, {max(left_s, 0):.0f} s left"


class Ended(NamedTuple):
    """A program that ended."""

    code: int
    """Its exit code."""
    said: list[str]
    """All it wrote, line by line, errors in between."""
    stopped: bool
    """Whether it was we who ended it, for somebody stopped us."""


def run(command: list[str], place: Path, heard: Callable[[str], None], **environment: str) -> Ended:
    """Run a program to its end and hand over each line as it comes; Ctrl-C ends the program, then returns what it said.

    It has a session of its own, so that a terminal interrupts us alone and we end it in good order.
    """
    everything, said = {**os.environ, **environment}, list[str]()
    program = subprocess.Popen(
        command, cwd=place, env=everything, text=True, errors="replace", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert program.stdout is not None
    try:
        for each in program.stdout:
            said.append(each.rstrip("\n"))
            heard(said[-1])
        return Ended(program.wait(), said, False)
    except KeyboardInterrupt:
        os.killpg(program.pid, signal.SIGINT)
        try:
            said += program.communicate(timeout=PATIENCE_S)[0].splitlines()
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
        return Ended(program.wait(), said, True)
