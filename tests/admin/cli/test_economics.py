"""`economics` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.admin.conftest import Run
from tests.admin.past.test_economics import LOG, MAP

COLUMNS = ("--map", "map.toml")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "poor.toml").write_text(MAP.replace('brings = "brings"\n', ""))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "log.csv"


def test_money_is_shown_where_there_is_some(run: Run, log: Path) -> None:
    plain = run("economics", log, "--map", "poor.toml")
    assert plain.exit_code == 0 and "Value" not in plain.stdout and "Cost" not in plain.stdout
    assert plain.stdout.splitlines()[-1] == "3 classes"
    shown = run("economics", log, *COLUMNS, "--agent-hour", "20", "--wrap-up", "1m")
    vip = shown.stdout.splitlines()[3].split()
    assert vip == ["vip", "1", "1", "0", "70.0", "100.0", "0.0", "100.0", "1.33", "1.33", "1", "120.0", "0", "120"]
    assert "line 6: no amount" in shown.stderr


def test_programs_get_one_document(run: Run, log: Path) -> None:
    plain = json.loads(run("economics", log, *COLUMNS, "--json").stdout)
    assert [one["class"] for one in plain["classes"]] == ["-", "new", "vip"]
    assert plain["first_dirty"] == [{"line": 6, "reason": "no amount: 'a lot'"}]


def test_what_cannot_be_understood_is_said(run: Run, log: Path) -> None:
    assert run("economics", log).exit_code == 2
    assert run("economics", log, *COLUMNS, "--agent-hour", "-1").exit_code == 2
    refused = run("economics", log, *COLUMNS, "--wrap-up", "20")
    assert refused.exit_code == 2 and "write 20s" in refused.stderr
    assert run("economics", log, *COLUMNS, "--queue", "sales").exit_code == 1
