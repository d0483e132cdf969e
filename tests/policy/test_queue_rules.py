"""What the policy says of its queues."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.policy.load import load
from asterisk_router.policy.queue_rules import BarStep, QueueRules, Skill
from tests.policy.written_policy import assert_refused, policy_of


def test_a_queue_says_what_asterisk_does_not_tell(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, '[queues.front]\nwrap_up = "10s"\nhandling_time = "4m"\n')
    assert policy.queue_rules["sales"] == QueueRules(
        "sales", "400", 0, 0, 40, 180, (BarStep(30, 500), BarStep(120, 3000)),
        {"german": Skill("german", 0, 3), "patient": Skill("patient", queue="care")},
    )  # fmt: skip
    assert policy.queue_rules["front"] == QueueRules("front", "front", 10, 240, 30, 120)


def test_a_policy_that_names_no_queue_has_those_of_the_templates() -> None:
    from asterisk_router.policy.assemble import assemble
    from asterisk_router.policy.file.document import read_document
    from asterisk_router.policy.file.entries import Entries

    entries = Entries()
    text = '[policy]\nname = "x"\n[classes.a]\nbranch = "default"\n[[classify]]\nname = "a"\nclass = "a"\n'
    document = read_document("x", "x", text, entries.faults)
    assert document is not None
    entries.add(document)
    policy = assemble(entries, 0)
    assert policy is not None
    assert policy.queue_rules["sales"] == QueueRules("sales", "sales")


@pytest.mark.parametrize(("wait_s", "least"), [(0, 0), (29.9, 0), (30, 500), (119, 500), (120, 3000), (86400, 3000)])
def test_the_bar_rises_with_the_wait(wait_s: float, least: int) -> None:
    rules = QueueRules("sales", value_bar=(BarStep(30, 500), BarStep(120, 3000)))
    assert rules.least_value(wait_s) == least


def test_a_late_threshold_alone_moves_the_other(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, '[queues.slow]\nbusy_from = "5m"\n[queues.fast]\noverloaded_from = "20s"\n')
    slow, fast = policy.queue_rules["slow"], policy.queue_rules["fast"]
    assert (slow.busy_from_s, slow.overloaded_from_s) == (300, 300)
    assert (fast.busy_from_s, fast.overloaded_from_s) == (20, 20)


@pytest.mark.parametrize(
    ("marked", "problem", "remedy"),
    [
        ('[queues.x]\nbusy_from = "2m"\noverloaded_from = "¦1m"\n', "overloaded_from 1m is below busy_from 2m", "busy"),
        ('[queues.x]\nvalue_bar = ¦500\n', "must be a list of steps", "wait"),
        ('[queues.x]\nvalue_bar = [¦{ wait = "30s" }]\n', "'value' is missing", "Least value"),
        ('[queues.x]\nvalue_bar = [{ wait = "30s", ¦valu = 5 }]\n', "unknown key 'valu'", "'value'"),
        ('[queues.x]\nvalue_bar = [{ wait = "¦soon", value = 5 }]\n', "no duration", "5m"),
        (
            '[queues.x]\nvalue_bar = [{ wait = "2m", value = 5 }, { wait = "¦30s", value = 9 }]\n',
            "wait does not rise from step 1 to step 2", "longer the wait",
        ),
        (
            '[queues.x]\nvalue_bar = [{ wait = "1m", value = 5 }, { wait = "2m", value = ¦5 }]\n',
            "value does not rise", "higher the bar",
        ),
        ('[queues.x]\nskills = { german = { ¦max_penalti = 3 } }\n', "unknown key", "'max_penalty'"),
        ('[queues.x]\nskills = { ¦german = 3 }\n', "must be a table", "max_penalty"),
        ('[queues.x]\nskills = { german = { queue = "¦cara" } }\n', "'cara' is not defined in [queues]", "'care'"),
        ('[queues.x]\nskills = { german = { min_penalty = 5, max_penalty = ¦3 } }\n', "is below min_penalty", "nobody"),
        ('[queues.x]\nasterisk = "¦400"\n', "queues.sales is '400' in Asterisk already", "one queue"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, marked: str, problem: str, remedy: str) -> None:
    assert_refused(tmp_path, marked, problem, remedy)


@pytest.mark.parametrize("name", ["clinic", "outsourcer", "shop"])
def test_every_queue_of_a_shipped_policy_goes_by_a_name_of_its_own(name: str) -> None:
    rules = load(name).queue_rules
    assert len({rule.asterisk for rule in rules.values()}) == len(rules)
