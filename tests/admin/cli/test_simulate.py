"""`simulate`: the estimate, its assumptions, JSON, and refusals."""

from __future__ import annotations

import json

from tests.admin.conftest import Run

ASKED = (
    "simulate", "--policy", "shop", "--calls", "customer-vip=20", "--calls", "prospect-new=140", "--agents", "8",
    "--handling", "3m", "--handling", "customer-vip=5m", "--patience", "2m", "--replications", "4",
)  # fmt: skip


def test_prints_an_estimate_with_its_intervals_and_assumptions(run: Run) -> None:
    shown = run(*ASKED)
    assert shown.exit_code == 0
    rows = {line.split()[0]: line for line in shown.stdout.splitlines() if line.startswith(("customer", "prospect"))}
    assert list(rows) == ["customer-vip", "prospect-new"]
    assert all(row.count(" +- ") == 4 for row in rows.values()) and "480 s" in rows["customer-vip"]
    assert "An estimate: 4 runs of 20,000 calls, seed 1, 95 % intervals. Assumed:" in shown.stdout
    assert run(*ASKED).stdout == shown.stdout
    assert run(*ASKED, "--seed", "2").stdout != shown.stdout


def test_json_has_every_figure_and_the_change(run: Run) -> None:
    told = json.loads(run(*ASKED, "--against", "shop", "--json").stdout)
    assert [each["class"] for each in told["classes"]] == ["customer-vip", "prospect-new"]
    vip = told["classes"][0]
    assert vip["head_start_s"] == 480
    assert vip["mean_wait_s"]["low"] < vip["mean_wait_s"]["mean"] < vip["mean_wait_s"]["high"]
    assert told["changes"][0]["mean_wait_s"] == {"mean": 0, "low": 0, "high": 0}
    assert told["assumed"] and told["confidence"] == 0.95


def test_the_same_policy_changes_nothing(run: Run) -> None:
    shown = run(*ASKED, "--against", "shop").stdout
    assert "Change with shop" in shown and shown.count("+0.0 +- 0.0") == 8


def test_a_refusal_says_what_to_do(run: Run) -> None:
    refused = run(*ASKED[:7], "--agents", "8", "--handling", "10m")
    assert refused.exit_code == 1
    assert "the queue would grow for ever" in refused.stderr and "--patience" in refused.stderr
    assert run("simulate", "--policy", "shop").exit_code == 2
