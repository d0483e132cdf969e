# ruff: noqa: E501 - one broken policy a line is easier to read than four lines of each
"""A skill asked for becomes a penalty window or another queue, and is known wherever it can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.written_policy import assert_refused, decided, policy_of

CLASSES = """\
[classes.german]
branch = "sales"
queue = "sales"
skill = "german"
[classes.patient]
branch = "sales"
queue = "sales"
skill = "patient"
[classes.plain]
branch = "sales"
queue = "sales"
min_penalty = 2
max_penalty = 7
[[classify]]
name = "german"
when = "choice in ['german', 'german-deep', 'german-none']"
class = "german"
[[classify]]
name = "patient"
when = "choice == 'patient'"
class = "patient"
[[classify]]
name = "plain"
when = "choice in ['plain', 'plain-german']"
class = "plain"
[[treat]]
when = "choice == 'german-deep'"
max_penalty = 9
[[treat]]
when = "choice == 'german-none'"
skill = ""
queue = "care"
[[treat]]
when = "choice == 'plain-german'"
skill = "german"
"""


@pytest.mark.parametrize(
    ("choice", "queue", "least", "greatest"),
    [
        ("german", "sales", 0, 3),
        ("german-deep", "sales", 0, 9),
        ("german-none", "care", 0, 0),
        ("patient", "care", 0, 0),
        ("plain", "sales", 2, 7),
        ("plain-german", "sales", 0, 3),
    ],
)
def test_what_is_written_later_wins(tmp_path: Path, choice: str, queue: str, least: int, greatest: int) -> None:
    made = decided(policy_of(tmp_path, CLASSES), choice=choice)
    assert (made.queue, made.min_penalty, made.max_penalty) == (queue, least, greatest)


@pytest.mark.parametrize(
    ("marked", "problem", "remedy"),
    [
        ('[classes.x]\nbranch = "sales"\nqueue = "sales"\nskill = "¦germn"\n', "'germn' is not defined in queues.sales", "'german'"),
        ('[classes.x]\nbranch = "sales"\nqueue = "care"\nskill = "¦german"\n', "not defined in queues.care", "skills = { german"),
        ('[classes.x]\nbranch = "sales"\nskill = "¦german"\n', "no queue is chosen", "name the queue"),
        ('[classes.x]\nbranch = "sales"\nqueue = "sales"\nskill = "german"\nmax_penalty = ¦2\n', "the skill says", "leave out"),
        ('[[treat]]\nwhen = "seen"\nskill = "¦germn"\n', "'germn' of class 'incident' is not defined", "'german'"),
        (
            '[classes.x]\nbranch = "sales"\nqueue = "sales"\nskill = "german"\n[[classify]]\nname = "x"\nwhen = "seen"\n'
            'class = "x"\n[[treat]]\nwhen = "in_class(\'x\')"\nqueue = "¦care"\n',
            "skill 'german' of class 'x' is not defined in queues.care", "",
        ),
    ],
)  # fmt: skip
def test_a_skill_nobody_there_has_is_refused(tmp_path: Path, marked: str, problem: str, remedy: str) -> None:
    assert_refused(tmp_path, marked, problem, remedy)


def test_a_treat_rule_is_held_to_the_classes_it_can_refine(tmp_path: Path) -> None:
    text = '[classes.x]\nbranch = "sales"\n[[classify]]\nname = "x"\nwhen = "seen"\nclass = "x"\n'
    policy_of(tmp_path, f"{text}[[treat]]\nwhen = \"in_class('caller')\"\nskill = 'german'\n")
    assert_refused(tmp_path, f"{text}[[treat]]\nwhen = \"not in_class('caller')\"\nskill = '¦german'\n", "of class 'x'")
