"""A folder belongs to one run: another one, another release and other people's files are refused, and left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asterisk_router.admin.past.backtest_folder import FORMAT, PLAN, claim, size_then
from asterisk_router.errors import BacktestError


def test_the_same_run_goes_on_and_no_other(tmp_path: Path) -> None:
    assert size_then(tmp_path) is None
    claim(tmp_path, {"size": 7, "policies": ["shop-1"]})
    claim(tmp_path, {"size": 7, "policies": ["shop-1"]})
    assert size_then(tmp_path) == 7
    with pytest.raises(BacktestError, match="another log, map, policy"):
        claim(tmp_path, {"size": 7, "policies": ["shop-2"]})


@pytest.mark.parametrize(
    "kept", [b"", b'{"x', b"[]", b'{"size": 7}', json.dumps({"format": FORMAT + 1, "size": 7}).encode(),
             json.dumps({"format": FORMAT, "size": "7"}).encode(), b"\xff"],
)  # fmt: skip
def test_what_another_release_began_is_refused_and_left_alone(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / PLAN).write_bytes(kept)
    for ask in (size_then, lambda folder: claim(folder, {"size": 7})):
        with pytest.raises(BacktestError, match="begun by another release.*name another folder"):
            ask(tmp_path)
    assert (tmp_path / PLAN).read_bytes() == kept


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "read-me").write_text("mine")
    with pytest.raises(BacktestError, match="holds something else"):
        claim(tmp_path, {"size": 7})
    assert [path.name for path in tmp_path.iterdir()] == ["read-me"]
