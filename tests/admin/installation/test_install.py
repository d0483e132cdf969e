"""`install` on machines that are directories; as root the users and owners are real."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.admin.conftest import Run

from .machines import EXTENSIONS, PROGRAM, everything, pbx


def arguments(root: Path, *more: str) -> list[str]:
    return ["install", "--root", str(root), "--program", PROGRAM, *more]


def test_the_plan_comes_first_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    before = everything(root)
    plan = run(*arguments(root))
    assert plan.exit_code == 0 and everything(root) == before
    for part in (
        "/etc/asterisk-router/policy.toml  (0640 root:asterisk-router)",
        "asterisk-router.service",
        "#include extensions_router.conf",
        "Nothing was changed",
        "[router-default]",
        "systemctl enable",
    ):
        assert part in plan.output
    said = json.loads(run(*arguments(root, "--json")).output)
    assert said["applied"] is False and "systemctl daemon-reload" in said["then"]
    for step in said["steps"]:
        assert f"  {step['act']:11} {step['path']}" in plan.output and step["why"] in plan.output
    assert everything(root) == before


def test_it_does_what_it_says_and_a_second_time_nothing(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    done = run(*arguments(root, "--redis", "redis://127.0.0.1/3", "--apply"))
    assert done.exit_code == 0, done.output
    asterisk = root / "etc/asterisk"
    assert (asterisk / "extensions.conf").read_text() == f"{EXTENSIONS}\n#include extensions_router.conf\n"
    assert stat.S_IMODE((asterisk / "extensions.conf").stat().st_mode) == 0o664, "the admin's rights stay"
    settings = (root / "etc/asterisk-router/environment").read_text()
    assert "ASTERISK_ROUTER_REDIS=redis://127.0.0.1/3\nASTERISK_ROUTER_WORKERS=1\n" in settings
    secret = (root / "etc/asterisk-router/ami-secret").read_text().strip()
    manager = (asterisk / "manager_router.conf").read_text()
    assert f"secret = {secret}\n" in manager and "\nwrite = agent,originate\n" in manager, "what the shop needs"
    service = (root / "etc/systemd/system/asterisk-router.service").read_text()
    assert f"ExecStart={PROGRAM} serve\n" in service and "SupplementaryGroups=asterisk\n" in service
    after = everything(root)
    again = run(*arguments(root, "--apply"))
    assert "Nothing to do." in again.output and everything(root) == after


def test_a_copy_that_was_cut_short_is_made_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = pbx(tmp_path)

    def cut_short(source: Path, target: Path) -> None:
        target.write_text(source.read_text()[:7])
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as full:
        full.setattr("shutil.copy2", cut_short)
        assert run(*arguments(root, "--apply")).exit_code == 1
    assert run(*arguments(root, "--apply")).exit_code == 0
    assert (root / "etc/asterisk/extensions.conf.before-asterisk-router").read_text() == EXTENSIONS


def test_secrets_are_for_the_service_and_asterisk_alone(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    run(*arguments(root, "--apply"))
    users = {line.split(":")[0]: line.split(":") for line in (root / "etc/passwd").read_text().splitlines()}
    assert users["asterisk-router"][6] in ("/usr/sbin/nologin", "/bin/false")
    ours = int(users["asterisk-router"][3])
    for name, owner, group in (
        ("etc/asterisk-router/ami-secret", 0, ours),
        ("etc/asterisk-router/environment", 0, ours),
        ("etc/asterisk/manager_router.conf", 64999, 64998),
    ):
        found = (root / name).stat()
        assert stat.S_IMODE(found.st_mode) == 0o640
        assert os.geteuid() or (found.st_uid, found.st_gid) == (owner, group)
    spool = (root / "var/spool/asterisk/asterisk-router").stat()
    assert stat.S_IMODE(spool.st_mode) == 0o2770 and (os.geteuid() or spool.st_gid == 64998), "both may write there"


def test_what_the_admin_has_or_edited_is_kept_and_said(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    theirs = root / "etc/asterisk/queues_router.conf"
    theirs.write_text("[sales]\n")
    run(*arguments(root, "--apply"))
    policy = root / "etc/asterisk-router/policy.toml"
    policy.write_text(policy.read_text() + "# mine\n")
    again = run(*arguments(root, "--policy", "clinic", "--apply"))
    assert theirs.read_text() == "[sales]\n" and policy.read_text().endswith("# mine\n")
    assert again.output.count("  keep ") == 2 and "--force copies and replaces it" in again.output
    run(*arguments(root, "--policy", "clinic", "--force", "--apply"))
    assert "A clinic" in policy.read_text()
    assert Path(f"{policy}.before-asterisk-router").read_text().endswith("# mine\n")
    assert Path(f"{theirs}.before-asterisk-router").read_text() == "[sales]\n"


def test_what_we_wrote_ourselves_follows_an_upgrade(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    run(*arguments(root, "--apply"))
    moved = run("install", "--root", root, "--program", "/srv/router/bin/asterisk-router", "--apply")
    assert "1 steps done" in moved.output and "  replace " in moved.output
    assert "ExecStart=/srv/router" in (root / "etc/systemd/system/asterisk-router.service").read_text()


def test_a_link_is_not_followed_out_of_the_plan(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path / "root")
    (tmp_path / "elsewhere").mkdir()
    (root / "etc/asterisk-router").symlink_to(tmp_path / "elsewhere")
    refused = run(*arguments(root, "--apply"))
    assert refused.exit_code == 1 and "link" in refused.output
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_machine_without_asterisk_and_without_redis_gets_the_service_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = run(*arguments(tmp_path, "--apply"))
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "etc/asterisk").exists() and "make it where this is installed" in done.output
    assert "ASTERISK_ROUTER_WORKERS=0" in (tmp_path / "etc/asterisk-router/environment").read_text()


def test_a_redis_server_behind_a_link_as_debian_has_it_serves_the_worker(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/redis-server").symlink_to("redis-check-rdb")
    assert run(*arguments(root, "--apply")).exit_code == 0
    assert "ASTERISK_ROUTER_WORKERS=1" in (root / "etc/asterisk-router/environment").read_text()


def test_a_step_that_fails_leaves_what_was_done_on_record(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    (root / "etc/systemd").write_text("in the way")
    failed = run(*arguments(root, "--apply"))
    assert failed.exit_code == 1 and "etc/systemd" in failed.output
    (root / "etc/systemd").unlink()
    assert run(*arguments(root, "--apply")).exit_code == 0
    assert run("uninstall", "--root", root, "--apply").exit_code == 0
    assert not (root / "etc/asterisk-router").exists()


UNITS = "etc/systemd/system"


def test_a_unit_of_sockets_is_there_only_where_it_was_asked_for(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    plain = run(*arguments(root, "--apply"))
    assert "systemctl enable --now asterisk-router.service" in plain.output
    assert not (root / UNITS / "asterisk-router.socket").exists()
    asked = run(*arguments(root, "--socket-unit", "--apply"))
    assert "systemctl enable --now asterisk-router.socket asterisk-router.service" in asked.output
    assert (root / UNITS / "asterisk-router.socket").exists()
    assert "Nothing to do." in run(*arguments(root, "--socket-unit", "--apply")).output


def test_one_that_was_installed_before_goes_and_starts_by_itself_no_more(run: Run, tmp_path: Path) -> None:
    root = pbx(tmp_path)
    run(*arguments(root, "--apply"))
    without = everything(root)
    run(*arguments(root, "--socket-unit", "--apply"))
    enabled = root / UNITS / "sockets.target.wants/asterisk-router.socket"
    enabled.parent.mkdir()
    enabled.symlink_to("../asterisk-router.socket")
    before = everything(root)
    plan = run(*arguments(root))
    assert "  remove      /etc/systemd/system/asterisk-router.socket\n" in plan.output and everything(root) == before
    assert "1 steps done." in run(*arguments(root, "--apply")).output
    assert not enabled.is_symlink()
    enabled.parent.rmdir()
    assert everything(root) == without
    assert "Nothing to do." in run(*arguments(root, "--apply")).output


@pytest.mark.parametrize("edited", ["asterisk-router.socket", "asterisk-router.service"])
def test_one_that_was_edited_or_that_an_edited_service_may_need_stays(run: Run, tmp_path: Path, edited: str) -> None:
    root = pbx(tmp_path)
    run(*arguments(root, "--socket-unit", "--apply"))
    socket_unit = root / UNITS / "asterisk-router.socket"
    with (root / UNITS / edited).open("a") as unit:
        unit.write("# mine\n")
    again = run(*arguments(root, "--apply"))
    assert "  keep        /etc/systemd/system/asterisk-router.socket" in again.output and socket_unit.exists()
