"""`uninstall` after `install`, on machines that are directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.admin.conftest import Run

from .machines import PROGRAM, everything, pbx

INSTALL = ("--program", PROGRAM, "--apply")
MADE_ON_THE_WAY = ("etc/systemd", "etc/systemd/system", "var", "var/lib", "var/spool", "var/spool/asterisk")
"""Directories every machine has."""


def test_it_leaves_the_machine_as_it_was(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    before = everything(root)
    run("install", "--root", root, *INSTALL)
    installed = everything(root)
    plan = run("uninstall", "--root", root)
    assert "Nothing was changed" in plan.output and everything(root) == installed
    assert run("uninstall", "--root", root, "--apply").exit_code == 0
    after = everything(root)
    for name in MADE_ON_THE_WAY:
        after.pop(name, None)
    assert after == before
    assert "Nothing to do." in run("uninstall", "--root", root).output


def test_what_was_edited_since_stays_and_what_was_copied_comes_back(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    theirs = root / "etc/asterisk/queues_router.conf"
    theirs.write_text("[sales]\n")
    run("install", "--root", root, "--force", *INSTALL)
    policy, extensions = root / "etc/asterisk-router/policy.toml", root / "etc/asterisk/extensions.conf"
    policy.write_text("mine")
    extensions.write_text(extensions.read_text() + "[later]\n")
    done = run("uninstall", "--root", root, "--apply")
    assert "edited since" in done.output
    assert policy.read_text() == "mine" and theirs.read_text() == "[sales]\n"
    assert extensions.read_text().endswith("Dial(PJSIP/desk)\n[later]\n")


def test_it_is_refused_while_a_trunk_leads_to_the_router(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    run("install", "--root", root, *INSTALL)
    (root / "etc/asterisk/pjsip.conf").write_text("[carrier]\ntype=endpoint\ncontext = router-in\n")
    refused = run("uninstall", "--root", root, "--apply")
    assert refused.exit_code == 1 and "pjsip.conf" in refused.output and "context" in refused.output
    assert (root / "etc/asterisk/extensions_router.conf").exists()


@pytest.mark.parametrize(("target", "unit"), [("sockets", "socket"), ("multi-user", "service")])
def test_it_is_refused_while_systemd_is_told_to_start_the_service(
    run: Run, tmp_path: Path, target: str, unit: str
) -> None:
    root = pbx(tmp_path)
    run("install", "--root", root, "--socket-unit", *INSTALL)
    enabled = root / f"etc/systemd/system/{target}.target.wants/asterisk-router.{unit}"
    enabled.parent.mkdir()
    enabled.symlink_to(f"/etc/systemd/system/asterisk-router.{unit}")
    refused = run("uninstall", "--root", root, "--apply")
    assert refused.exit_code == 1 and f"systemctl disable --now asterisk-router.{unit}" in refused.output
    assert (root / "etc/systemd/system/asterisk-router.socket").exists()
    enabled.unlink()
    assert run("uninstall", "--root", root, "--apply").exit_code == 0


def test_a_damaged_record_removes_nothing(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    run("install", "--root", root, *INSTALL)
    (root / "etc/asterisk-router/installed.json").write_text("{")
    refused = run("uninstall", "--root", root, "--apply")
    assert refused.exit_code == 1 and "damaged" in refused.output
    assert (root / "etc/asterisk/extensions_router.conf").exists()
