"""Commands are about the installed service, unless told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.cli import installed_settings
from tests.admin.conftest import Run


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a service, whose Redis nobody answers at."""
    file = tmp_path / "environment"
    file.write_text("# settings\nASTERISK_ROUTER_REDIS='redis://127.0.0.1:1/0'\nPATH=/nowhere\n")
    monkeypatch.setattr(installed_settings, "ENVIRONMENT", file)
    monkeypatch.setenv("ASTERISK_ROUTER_REDIS", "")
    monkeypatch.delenv("ASTERISK_ROUTER_REDIS")  # and put back after the test, whatever a command sets
    return file


def test_a_command_asks_the_redis_of_the_service(run: Run, installed: Path) -> None:
    said = run("tag", "list", "+12025550100")
    assert said.exit_code == 1 and "127.0.0.1:1" in said.output


def test_what_is_said_otherwise_comes_first(run: Run, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1:2" in run("tag", "list", "+12025550100", "--redis", "redis://127.0.0.1:2/0").output
    monkeypatch.setenv("ASTERISK_ROUTER_REDIS", "redis://127.0.0.1:3/0")
    assert "127.0.0.1:3" in run("tag", "list", "+12025550100").output


def test_who_makes_an_installation_does_not_begin_with_one(run: Run, installed: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert run("install", "--root", tmp_path, "--apply").exit_code == 0
    assert "ASTERISK_ROUTER_REDIS=embedded" in (tmp_path / "etc/asterisk-router/environment").read_text()


def test_settings_that_cannot_be_read_hold_up_nobody(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(installed_settings, "ENVIRONMENT", tmp_path / "none")
    assert run("number", "+12025550100").exit_code == 0
    assert installed_settings.take_in() is None
