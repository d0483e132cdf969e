"""The compiled twins are really there: else every twin test would compare the plain one with itself."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

import pytest

from asterisk_router._native import KERNELS, PLAIN_ONLY, kernel, twins

HEADERS = Path(sysconfig.get_path("include"), "Python.h")


def test_every_kernel_is_compiled_where_it_can_be() -> None:
    if os.environ.get(PLAIN_ONLY) or not (shutil.which("cc") and HEADERS.exists()):
        assert not os.environ.get("CI"), "this machine cannot compile the kernels, and CI must"
    else:
        assert twins() == dict.fromkeys(KERNELS, "compiled")


@pytest.mark.parametrize("name", KERNELS)
def test_the_plain_twin_can_be_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN_ONLY, "1")
    assert kernel(name).__name__ == f"asterisk_router._native.plain_{name}"
