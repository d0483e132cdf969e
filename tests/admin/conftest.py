"""Runs commands as a shell would, in this process for speed, with the ports of the real entry point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asterisk_router.admin.cli.router import commands
from asterisk_router.daemon.main import PORTS

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `asterisk-router ARGUMENTS`; the state directory is a new one, with a path short enough for a socket."""
    monkeypatch.setenv("ASTERISK_ROUTER_STATE_DIR", str(tmp_path_factory.mktemp("s")))
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*arguments: str | Path, stdin: bytes | str | None = None) -> Result:
        return CliRunner().invoke(commands(), [str(argument) for argument in arguments], input=stdin, obj=PORTS)

    return ran
