"""What a class is owed, and who may be asked to make room."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.policy.class_rules import PROTECTED_BRANCHES, ClassRules
from tests.policy.written_policy import assert_refused, policy_of


def test_a_class_is_owed_a_call_back_and_yields_to_nobody_unless_said(tmp_path: Path) -> None:
    text = """\
[classes.family]
branch = "staff-family"
yields = "waiting"
[classes.vip]
branch = "sales"
preempts = true
call_back = false
"""
    policy = policy_of(tmp_path, text)
    assert policy.class_rules("caller") == ClassRules(True, False, "no", False)
    assert policy.class_rules("family") == ClassRules(True, False, "waiting", False)
    assert policy.class_rules("vip") == ClassRules(False, True, "no", False)
    assert policy.class_rules("of a policy of last year") == ClassRules()
    assert policy.preempt_talking is False


@pytest.mark.parametrize("branch", PROTECTED_BRANCHES)
def test_some_branches_protect_whatever_is_written(tmp_path: Path, branch: str) -> None:
    policy = policy_of(tmp_path, f'[classes.x]\nbranch = "{branch}"\n[classes.y]\nbranch = "sales"\nprotected = true\n')
    assert policy.class_rules("x").protected
    assert policy.class_rules("y").protected
    assert_refused(
        tmp_path, f'[classes.x]\nbranch = "{branch}"\nprotected = ¦false\n', "is always protected", "leave it out"
    )


def test_conversations_are_cut_only_where_that_is_switched_on(tmp_path: Path) -> None:
    family = '[classes.x]\nbranch = "sales"\nyields = "¦talking"\n'
    assert_refused(tmp_path, family, "conversations are not cut here", "preempt_talking = true")
    file = tmp_path / "policy.toml"
    file.write_text(file.read_text().replace('name = "house"', 'name = "house"\npreempt_talking = true', 1))
    from asterisk_router.policy.load import load

    policy = load(str(file))
    assert policy.preempt_talking
    assert policy.class_rules("x").yields == "talking"


@pytest.mark.parametrize(
    ("marked", "problem", "remedy"),
    [
        ('branch = "sales"\nyields = "¦wating"\n', "none of no, waiting, talking", "'waiting'"),
        ('branch = "incident"\nyields = "¦waiting"\n', "a protected class is never asked", "'no'"),
        ('branch = "sales"\nprotected = true\nyields = "¦waiting"\n', "a protected class is never asked", "'no'"),
        ('branch = "sales"\npreempts = true\nyields = "¦waiting"\n', "does not yield", "leave out"),
        ('branch = "sales"\ncall_back = false\nyields = "¦waiting"\n', "is offered a call-back", "call_back"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, marked: str, problem: str, remedy: str) -> None:
    assert_refused(tmp_path, f"[classes.x]\n{marked}", problem, remedy)
