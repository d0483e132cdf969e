"""A floor is seen however it is written; what has none is in `broken/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.policy.load import inspect
from tests.policy.written_policy import CLOSE, HOUSE

FLOORS = (
    "missed_since_answer == 0",
    "missed_since_answer <= 0",
    "missed_since_answer < 1",
    "not missed_since_answer > 0",
    "missed_since_answer in [0]",
    "under_bar('sales')",
)

NONE = (
    "missed_since_answer <= 1",
    "missed_since_answer != 0",
    "not known(missed_since_answer)",
    "(missed_since_answer == 0 or seen)",
    "known(under_bar('sales'))",
    "not under_bar('sales')",
    "missed(days=7) == 0",
)


def problems(folder: Path, condition: str) -> list[str]:
    """What is said about a rule that puts callers off while nobody is free."""
    when = f"queue('sales').free == 0 and {condition}"
    text = f'{HOUSE}[[treat]]\nname = "full"\nwhen = "{when}"\nbranch = "callback"\n{CLOSE}'
    (folder / "policy.toml").write_text(text)
    return [
        fault.problem for fault in inspect(str(folder / "policy.toml")).warnings if "puts callers off" in fault.problem
    ]


@pytest.mark.parametrize("condition", FLOORS)
def test_whoever_was_missed_is_left_out(tmp_path: Path, condition: str) -> None:
    assert problems(tmp_path, condition) == []


@pytest.mark.parametrize("condition", NONE)
def test_whoever_was_missed_can_be_put_off_again(tmp_path: Path, condition: str) -> None:
    assert problems(tmp_path, condition) == ["when: puts callers off by the load, the same ones again and again"]
