from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.doctor.dialplan import about_dialplan
from asterisk_router.admin.pbx.dialplan import render


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    for name, text in render("plain").items():
        (tmp_path / name).write_text(text)
    (tmp_path / "extensions.conf").write_text("[general]\n#include extensions_router.conf\n")
    (tmp_path / "pjsip.conf").write_text("[trunk]\ntype=endpoint\ncontext=router-in\n")
    return tmp_path


def states(etc: Path) -> dict[str, str]:
    return {each.about: each.state for each in about_dialplan(etc)}


def test_as_written_and_included_it_is_green(etc: Path) -> None:
    assert states(etc) == {"dialplan": "green", "dialplan guard": "green", "trunk": "green"}


@pytest.mark.parametrize(
    "line",
    ['#include "extensions_router.conf"', "#tryinclude extensions_r*.conf", "#include {etc}/extensions_router.conf"],
)
def test_however_it_is_included(etc: Path, line: str) -> None:
    (etc / "extensions.conf").write_text("#include more.conf\n")
    (etc / "more.conf").write_text(line.replace("{etc}", str(etc)) + "\n")
    assert states(etc)["dialplan"] == "green"


def test_a_comment_includes_nothing(etc: Path) -> None:
    (etc / "extensions.conf").write_text(";#include extensions_router.conf\n")
    assert states(etc)["dialplan"] == "red"


def test_a_guard_of_a_minute_or_behind_the_question_is_none(etc: Path) -> None:
    file = etc / "extensions_router.conf"
    text = file.read_text()
    file.write_text(text.replace("TIMEOUT(absolute)=0.3", "TIMEOUT(absolute)=60"))
    assert states(etc)["dialplan guard"] == "red"
    file.write_text(text.replace("\nexten => T,1", "\nexten => Z,1"))
    assert states(etc)["dialplan guard"] == "red"


def test_without_the_file_or_a_trunk(etc: Path) -> None:
    (etc / "pjsip.conf").unlink()
    assert states(etc)["trunk"] == "yellow"
    (etc / "extensions_router.conf").unlink()
    assert states(etc) == {"dialplan": "red"}
