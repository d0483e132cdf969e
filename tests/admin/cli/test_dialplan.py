"""`dialplan`: printed, written, and never over what somebody edited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asterisk_router.admin.pbx.dialplan import ARI_FILES, ARI_SECRET_FILES, PBX_FILES, SECRET_FILES
from tests.admin.conftest import Run


@pytest.mark.parametrize("pbx", list(PBX_FILES))
def test_every_file_is_printed_under_its_name(run: Run, pbx: str) -> None:
    shown = run("dialplan", "--pbx", pbx).stdout
    assert all(f"; ---- {name} ----" in shown for name in PBX_FILES[pbx])
    assert list(json.loads(run("dialplan", "--pbx", pbx, "--json").stdout)) == list(PBX_FILES[pbx])


def test_where_the_daemon_listens_and_how_long_a_call_waits_stand_in_it(run: Run) -> None:
    shown = run("dialplan", "--pbx", "plain", "--ask", "192.0.2.7:4999", "--guard-ms", "450").stdout
    assert "agi://192.0.2.7:4999/" in shown and "0.45" in shown


def test_what_is_there_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    edited = tmp_path / PBX_FILES["plain"][0]
    edited.write_text("edited")
    written = json.loads(run("dialplan", "--pbx", "plain", "--output", tmp_path, "--json").stdout)
    assert written["kept"] == [edited.name] and sorted(written["written"]) == sorted(PBX_FILES["plain"][1:])
    assert edited.read_text() == "edited"
    assert run("dialplan", "--pbx", "plain", "--output", tmp_path).exit_code == 1
    assert run("dialplan", "--pbx", "plain", "--output", tmp_path, "--force").exit_code == 0
    assert edited.read_text() != "edited"


def test_a_policy_brings_its_branches(run: Run) -> None:
    assert run("dialplan", "--pbx", "plain", "--policy", "shop").exit_code == 0


def test_the_secret_is_for_asterisk_alone_and_is_kept_when_written_over(run: Run, tmp_path: Path) -> None:
    run("dialplan", "--pbx", "plain", "--output", tmp_path)
    (path,) = (tmp_path / name for name in SECRET_FILES if (tmp_path / name).exists())
    secret = [line for line in path.read_text().splitlines() if line.startswith("secret")]
    assert path.stat().st_mode & 0o777 == 0o640 and secret
    assert run("dialplan", "--pbx", "plain", "--output", tmp_path, "--force").exit_code == 0
    assert [line for line in path.read_text().splitlines() if line.startswith("secret")] == secret


@pytest.mark.parametrize("pbx", list(PBX_FILES))
def test_over_ari_the_files_of_its_user_come_along(run: Run, pbx: str, tmp_path: Path) -> None:
    written = json.loads(run("dialplan", "--pbx", pbx, "--ari", "--output", tmp_path, "--json").stdout)["written"]
    assert written == [*PBX_FILES[pbx], *ARI_FILES[pbx]]
    (path,) = (tmp_path / name for name in ARI_SECRET_FILES if (tmp_path / name).exists())
    password = [line for line in path.read_text().splitlines() if line.startswith("password =")]
    assert path.stat().st_mode & 0o777 == 0o640 and password
    assert run("dialplan", "--pbx", pbx, "--ari", "--output", tmp_path, "--force").exit_code == 0
    assert [line for line in path.read_text().splitlines() if line.startswith("password =")] == password


def test_several_daemons_are_tried_in_order_or_offered_the_call_at_once(run: Run) -> None:
    apps = ("--ari", "--ari-app", "one", "--ari-app", "other")
    in_order = run("dialplan", "--pbx", "plain", *apps).stdout
    assert (
        in_order.index("Stasis(one,")
        < in_order.index('"${STASISSTATUS}" != "FAILED"')
        < in_order.index("Stasis(other,")
    )
    at_once = run("dialplan", "--pbx", "plain", *apps, "--broadcast").stdout
    assert "StasisBroadcast(150,^(one|other)$," in at_once
    assert run("dialplan", "--pbx", "plain", "--broadcast").exit_code == 2
