"""Every broken policy of `broken/` is told about at the line that says so itself, with its remedy, and nothing else is.

`#!` stands for an error, `#?` for a warning: `#! problem | remedy`, at the end of the line it is about, or on a line of
its own above it. Both parts are how the fault's words begin; an empty remedy asks for none in particular.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from asterisk_router.errors import PolicyError, PolicyFault
from asterisk_router.policy.load import inspect, load, shipped

FOLDER = Path(__file__).parent / "broken"
BROKEN = sorted([*FOLDER.glob("*.toml"), *FOLDER.glob("*/policy.toml")])
MARK = re.compile(r"^(.*?)#([!?]) (.*?) \|(.*)$")


class Expected(NamedTuple):
    """One fault that a fixture says it has."""

    file: str
    line: int
    severity: str
    problem: str
    remedy: str

    def is_told_by(self, fault: PolicyFault) -> bool:
        """Whether that is the fault."""
        placed = (fault.file, fault.line, fault.severity) == (self.file, self.line, self.severity)
        return placed and fault.problem.startswith(self.problem) and fault.remedy.startswith(self.remedy)


def expected(policy: Path) -> list[Expected]:
    """What the comments of a fixture say, those of the `conf.d` beside it too."""
    found = []
    for file in [policy, *policy.parent.glob("conf.d/*.toml")]:
        for number, line in enumerate(read(file), start=1):
            mark = MARK.match(line)
            if mark:
                above = 0 if mark[1].strip() else 1
                severity = "error" if mark[2] == "!" else "warning"
                found.append(Expected(str(file), number + above, severity, mark[3].strip(), mark[4].strip()))
    return found


def read(file: Path) -> list[str]:
    """Its lines; one of the fixtures is not UTF-8."""
    return file.read_text(encoding="latin-1").splitlines()


def named(file: Path) -> str:
    """What a fixture is called."""
    return file.stem if file.parent == FOLDER else file.parent.name


def told(file: Path) -> list[PolicyFault]:
    """Everything `check` says about a policy."""
    try:
        return inspect(str(file)).warnings
    except PolicyError as refused:
        return refused.faults


@pytest.mark.parametrize("file", BROKEN, ids=named)
def test_a_broken_policy_is_told_at_its_line_with_its_remedy_and_nothing_else(file: Path) -> None:
    wanted, faults = expected(file), told(file)
    assert wanted, "a fixture says what is wrong with it"
    for fault in faults:
        assert any(each.is_told_by(fault) for each in wanted), f"not expected: {fault}"
    for each in wanted:
        assert any(each.is_told_by(fault) for fault in faults), f"not told: {each}, but {faults}"
    assert len(faults) == len(wanted)


@pytest.mark.parametrize("file", BROKEN, ids=named)
def test_a_fault_stands_on_what_is_written(file: Path) -> None:
    for fault in told(file):
        there = read(Path(fault.file))[fault.line - 1][fault.column - 1 :]
        assert there and not there[0].isspace() or "not TOML" in fault.problem, str(fault)


@pytest.mark.parametrize("file", BROKEN, ids=named)
def test_an_error_keeps_a_daemon_from_taking_it_and_a_warning_does_not(file: Path) -> None:
    errors = [each for each in expected(file) if each.severity == "error"]
    if not errors:
        assert load(str(file)).name == "house"
        return
    with pytest.raises(PolicyError) as refused:
        load(str(file))
    assert len(refused.value.faults) == len(errors)


def test_there_are_sixty_of_them_and_more() -> None:
    assert len(BROKEN) > 60


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_policy_has_no_warning(name: str) -> None:
    assert inspect(name).warnings == []
