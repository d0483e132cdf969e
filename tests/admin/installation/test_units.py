"""The units, judged by systemd's own tools."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from asterisk_router.admin.installation.units import SERVICE, SOCKET, render
from asterisk_router.errors import SettingsError
from asterisk_router.settings import Settings

MOST_EXPOSURE = 3.5


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    assert tool, "make test installs systemd, whose tool this is"
    return subprocess.run([tool, *arguments], capture_output=True, text=True)


@pytest.fixture
def units(tmp_path: Path) -> dict[str, str]:
    """Paths of the units, written as an installation would."""
    texts = render(shutil.which("env") or "", "daemon", with_socket=True)
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / name) for name in texts}


def test_systemd_finds_no_fault_in_them(units: dict[str, str]) -> None:
    said = analyze("verify", *units.values())
    assert (said.returncode, said.stderr) == (0, "")


def test_the_service_leaves_little_open(units: dict[str, str]) -> None:
    said = analyze("security", "--offline=true", "--no-pager", units["asterisk-router.service"])
    found = re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)
    assert found, said.stderr
    print(f"\nexposure {found[1]}")
    assert float(found[1]) <= MOST_EXPOSURE


def test_what_the_keeper_needs_is_said_to_systemd(units: dict[str, str]) -> None:
    service = Path(units[SERVICE]).read_text()
    for line in ("Type=notify", "WatchdogSec=5", "Restart=always", "StateDirectory=asterisk-router", "KillMode=mixed"):
        assert f"\n{line}\n" in service
    assert "\nNotifyAccess=main\nFileDescriptorStoreMax=3\n" in re.sub("#.*\n", "", service)
    socket = Path(units[SOCKET]).read_text()
    assert "\nListenStream=127.0.0.1:4573\n" in socket


def test_the_script_asks_where_the_service_or_its_socket_unit_listens(units: dict[str, str]) -> None:
    script = (Path(__file__).parents[3] / "bin" / "asterisk-router-agi").read_text()
    asked = re.search(r'^SOCKET = b"(.*)"$', script, re.M)[1]
    state_dir = re.search(r"ASTERISK_ROUTER_STATE_DIR=(\S+)", Path(units[SERVICE]).read_text())[1]
    assert Settings(state_dir=Path(state_dir)).script_socket == Path(asked)
    assert f"\nListenStream={asked}\n" in Path(units[SOCKET]).read_text()


def test_without_being_asked_for_there_is_no_unit_of_sockets() -> None:
    assert set(render("/usr/bin/env", "")) == {SERVICE}


def test_without_asterisk_no_group_of_it_is_asked_for() -> None:
    assert "SupplementaryGroups" not in render("/usr/bin/env", "")["asterisk-router.service"]


@pytest.mark.parametrize("program", ["asterisk-router", "/opt/my router/bin/x", "/opt/%h/x"])
def test_a_path_that_systemd_would_read_otherwise_is_refused(program: str) -> None:
    with pytest.raises(SettingsError):
        render(program, "")
