"""`check`: a fit policy is summed up, a broken one is reported with all its faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.admin.conftest import Run

BROKEN = """[policy]
name = "broken"

[[classify]]
name = "first"
when = "tag('vip'"
class = "nobody"
"""


@pytest.mark.parametrize("name", ["shop", "outsourcer", "clinic"])
def test_a_shipped_policy_is_fit(run: Run, name: str) -> None:
    assert run("check", name).exit_code == 0
    summary = json.loads(run("check", name, "--json").stdout)
    assert summary["faults"] == [] and summary["classes"] > 0 and summary["version"].startswith(name)


def test_every_fault_is_named_with_its_place(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    refused = run("check", file)
    assert refused.exit_code == 1
    assert f"{file}:6:" in refused.stderr
    faults = json.loads(run("check", file, "--json").stdout)["faults"]
    assert len(faults) > 1 and len(refused.stderr.splitlines()) == len(faults)
    assert {"file", "line", "column", "problem", "remedy", "severity"} == set(faults[0])


def test_a_policy_that_is_not_there_is_a_fault(run: Run) -> None:
    refused = run("check", "shopp")
    assert refused.exit_code == 1 and "shop" in refused.stderr


WARNED = Path(__file__).parents[2] / "policy" / "broken" / "put-off-again.toml"


def test_a_warning_refuses_only_where_that_is_asked_for(run: Run) -> None:
    passed = run("check", WARNED)
    assert passed.exit_code == 0 and "fit to route calls" in passed.stdout
    (said,) = passed.stderr.splitlines()
    assert said.startswith(f"{WARNED}:") and ": warning: when: puts callers off" in said and "missed_since" in said
    refused = run("check", "--strict", WARNED)
    assert refused.exit_code == 1 and "warning: when: puts callers off" in refused.stderr
    assert "fit to route" not in refused.stdout


def test_warnings_are_in_the_json_with_their_severity(run: Run) -> None:
    for strict in ([], ["--strict"]):
        checked = run("check", "--json", *strict, WARNED)
        assert checked.exit_code == len(strict)
        (fault,) = json.loads(checked.stdout)["faults"]
        assert fault["severity"] == "warning" and fault["line"] > 0 and fault["remedy"]


@pytest.mark.parametrize("name", ["shop", "outsourcer", "clinic"])
def test_a_shipped_policy_passes_strictly(run: Run, name: str) -> None:
    assert run("check", "--strict", name).exit_code == 0
    assert json.loads(run("check", name, "--json").stdout)["warnings"] == 0


def test_a_policy_is_held_against_a_dialplan(run: Run, tmp_path: Path) -> None:
    assert run("dialplan", "--pbx", "plain", "--policy", "shop", "--output", tmp_path).exit_code == 0
    assert run("check", "shop", "--dialplan", tmp_path).exit_code == 0
    refused = run("check", "clinic", "--dialplan", tmp_path)
    assert refused.exit_code == 1 and "queue: no extension 'nurses'" in refused.stderr
    nothing = run("check", "shop", "--dialplan", tmp_path.parent)
    assert nothing.exit_code == 1 and "no [router-branches]" in nothing.stderr
