"""What the README shows a newcomer is true: its policy loads, its commands and its pages exist."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from asterisk_router.admin.cli.router import commands
from asterisk_router.daemon.main import PORTS
from asterisk_router.policy.load import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_its_policy_of_12_lines_is_a_whole_policy(tmp_path: Path) -> None:
    written = re.search(r"```toml\n(.*?)```", README, re.S)
    assert written and len(written[1].splitlines()) == 12
    (tmp_path / "house.toml").write_text(written[1])
    assert load(str(tmp_path / "house.toml")).classes == ("vip", "default")


def test_its_make_targets_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= targets


def test_its_pages_exist() -> None:
    for page in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / page).exists(), page


def test_the_decision_it_shows_is_made_by_the_shipped_policy() -> None:
    asked = re.search(r"^\$ asterisk-router (route .*)$", README, re.M)
    assert asked
    told = CliRunner().invoke(commands(), [*asked[1].split(), "--at", "2026-11-23T10:00+01:00"], obj=PORTS)
    shown = README[asked.end() :].split("```")[0]
    for line in shown.strip().splitlines():
        assert line.strip() == "..." or line in told.output, line
