"""The long form itself: it notices what is wrong, tells how far it is, and what it names can be repeated."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.load import load
from tests.fuzz.__main__ import main
from tests.fuzz.environments import AT_S, RECORDED, Judge
from tests.fuzz.honest import INSPECTOR, PARTNER
from tests.fuzz.page import page, section
from tests.fuzz.row import Row
from tests.fuzz.watched import Progress, line, run
from tests.fuzz.whole_run import again, judged

ROOT = Path(__file__).parents[2]
CALL = next(block for block in RECORDED if b"agi_network_script: route?num=%2B" in block)
OF_INSPECTOR = CALL.replace(b"%2B42125550100", b"%2B42125550108")
SOLD_TO = {"caller_class": "prospect-new", "branch": "sales-info"}


class Wrong(Judge):
    """One whose router decides as it is told to."""

    def __init__(self, **instead: Any) -> None:
        super().__init__()
        self._instead = instead

    def _decided(self, call: Any) -> Decision | Exception:
        decision = super()._decided(call)
        assert isinstance(decision, Decision)
        return decision._replace(**self._instead)


def test_an_honest_router_has_no_faults() -> None:
    assert Judge().of([CALL, OF_INSPECTOR]).faults == []


@pytest.mark.parametrize(
    ("block", "instead"),
    [
        (CALL, {"branch": "decoy"}),
        (CALL, {"caller_class": "inspector", "branch": "inspector"}),
        (CALL, {"caller_class": "unidentified", "branch": "default"}),
        (CALL, {"number": INSPECTOR}),
        (CALL, {"trust": 2}),
        (OF_INSPECTOR, {"caller_class": "unidentified", "branch": "default"}),
        (OF_INSPECTOR, {"number": PARTNER}),
        (
            CALL.replace(b"did=42120550000", b"did=42125550911"),
            {"caller_class": "prospect-new", "branch": "sales-info"},
        ),
        (CALL.replace(b"choice=", b"choice=complaint"), {"caller_class": "prospect-new", "branch": "sales-info"}),
        (CALL.replace(b"allowed_not_screened", b"prohib"), {"number": "+42125550100"}),
        (CALL.replace(b"agi_channel: ", b"agi_channel: \x1b"), {"number": "+42125550100"}),
    ],
)
def test_the_judge_notices_a_wrong_decision(block: bytes, instead: dict[str, Any]) -> None:
    assert Judge().of([block]).faults == []
    (fault,) = Wrong(**instead).of([block]).faults
    assert (fault.place, fault.block) == (0, block)


def test_the_judge_notices_a_book_that_takes_one_for_another() -> None:
    judge = Judge()
    tag = Tag("inspector", author="import", created_at_s=int(AT_S) - 86_400)
    book = MemoryBook([Caller(numbers=("+42125550100",), tags=(tag,))])
    judge._path = CallPath(load("shop"), book, book.ranges)
    assert len(judge.of([CALL, OF_INSPECTOR]).faults) == 2


def test_one_of_a_run_is_drawn_again_by_its_name() -> None:
    assert judged(5, 3, 40) == judged(5, 3, 40) != judged(5, 4, 40)
    said, borne = again("5/3/39")
    assert borne
    assert "decided: " in said or "the beginning of an environment" in said


def test_a_run_writes_its_own_sections_of_the_page() -> None:
    rows = [
        Row("environments", "these", 1_000_000, "all", 60.0, []),
        Row("readers", "caller", 7, "few", 1.0, ["one", "other"]),
    ]
    both = page("", {name: section(rows, name, "again") for name in ("readers", "environments")})
    assert both.index("## environments") < both.index("1,000,000") < both.index("## readers") < both.index("BORNE: 2")
    mended = page(both, {"readers": section([rows[1]._replace(found=[])], "readers", "again")})
    assert "1,000,000" in mended and "NOT BORNE" not in mended and mended.count("## ") == both.count("## ")
    assert page(mended, {}) == mended


class Terminal(io.StringIO):
    """A terminal, as far as anybody asks."""

    def isatty(self) -> bool:
        return True


def test_progress_has_a_rate_and_the_time_left() -> None:
    assert line("environments", 340_000, 1_000_000, 120) == (
        "environments: 340,000 of 1,000,000 (34%), 2,833 a second, 4 min left"
    )
    assert line("inputs", 500, 0, 10) == "inputs: 500, 50 a second"
    assert line("environments", 0, 10, 0) == "environments: 0 of 10 (0%)"


@pytest.mark.parametrize(("to", "told"), [(io.StringIO(), 3), (Terminal(), 31)])
def test_a_terminal_is_told_often_and_a_file_seldom(to: io.StringIO, told: int) -> None:
    now_s = 0.0
    progress = Progress(to, lambda: now_s)
    for second in range(31):
        now_s = float(second)
        progress("readers", second, 31)
    progress.over()
    assert sum(to.getvalue().count(f": {second} of 31") for second in range(31)) == told + (not to.isatty())


def test_a_program_is_heard_line_by_line() -> None:
    heard: list[str] = []
    ended = run([sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"], ROOT, heard.append)
    assert (ended.code, ended.said, ended.stopped) == (3, ["one", "two"], False)
    assert heard == ["one", "two"]


def test_stopped_it_says_what_was_done_and_how_to_do_it_again() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "environments", "--seed", "9", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as fuzz:
        assert fuzz.stderr is not None and fuzz.stdout is not None
        assert fuzz.stderr.readline() == "fuzz: seed 9\n"
        fuzz.stderr.readline()
        time.sleep(1)
        os.kill(fuzz.pid, signal.SIGINT)
        said, errors = fuzz.communicate(timeout=60)
    assert fuzz.returncode == 130, errors
    assert "the same again: python -m tests.fuzz environments --seed 9 --count 1000000" in errors
    assert "Traceback" not in errors
    (row,) = json.loads(said)["rows"]
    assert row["stopped"] and row["tried"] < 1_000_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "no such part: nothing"),
        (["environments", "--count", "0"], "1 or more"),
        (["--again", "1/2/3"], "environments or readers"),
        (["environments", "--again", "x"], "SEED/HAND/PLACE"),
        (["readers", "--again", "nobody:/nowhere"], "no reader 'nobody'"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz", *words])
    try:
        code: Any = main()
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert said in capsys.readouterr().err
