from __future__ import annotations

import os
import socket
from pathlib import Path

from asterisk_router.admin.doctor.modes import about_admin_socket, about_secrets, about_spool, about_state


def test_a_secret_others_can_read_is_red(tmp_path: Path) -> None:
    secret = tmp_path / "ami-secret"
    secret.write_text("x")
    for mode, state in ((0o600, "green"), (0o640, "green"), (0o644, "red"), (0o602, "red"), (0o620, "red")):
        secret.chmod(mode)
        assert [each.state for each in about_secrets([secret, secret])] == [state], oct(mode)
    assert list(about_secrets([tmp_path / "none"])) == []


def test_the_spool_must_be_there_and_take_what_asterisk_writes(tmp_path: Path) -> None:
    assert about_spool(None).state == "red"
    assert about_spool(None, asterisk_is_here=False).state == "yellow"
    spool = tmp_path / "spool" / "asterisk-router"
    assert about_spool(spool).state == "red"
    spool.mkdir(parents=True)
    assert about_spool(spool).state == "green"
    if os.geteuid() == 0:
        os.chown(spool.parent, 1, 1)
        spool.chmod(0o755)
        assert about_spool(spool).state == "red"
        os.chown(spool, 0, 1)
        spool.chmod(0o2770)
        assert about_spool(spool).state == "green"
    spool.rmdir()
    spool.write_text("")
    assert about_spool(spool).state == "red"


def test_the_state_directory_is_the_daemons_alone(tmp_path: Path) -> None:
    assert about_state(tmp_path / "none").state == "red"
    tmp_path.chmod(0o755)
    assert about_state(tmp_path).state == "green"
    tmp_path.chmod(0o777)
    assert about_state(tmp_path).state == "red"


def test_the_admin_socket_is_the_daemons_and_open_to_all(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    assert list(about_admin_socket(path)) == [], "no daemon runs"
    tmp_path.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        for mode, state in ((0o666, "green"), (0o660, "yellow")):
            path.chmod(mode)
            assert [each.state for each in about_admin_socket(path)] == [state], oct(mode)
        path.chmod(0o666)
        tmp_path.chmod(0o700)
        assert [each.state for each in about_admin_socket(path)] == ["yellow"]
        tmp_path.chmod(0o755)
        os.chown(path, 7, 7)
        assert [each.state for each in about_admin_socket(path)] == ["red"]
    path.unlink()
    path.write_text("")
    assert [each.state for each in about_admin_socket(path)] == ["red"]
