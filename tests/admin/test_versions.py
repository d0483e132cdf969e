"""What a fault report needs to say."""

from __future__ import annotations

import platform

import pytest

from asterisk_router import __version__
from asterisk_router._native import KERNELS
from asterisk_router.admin import versions


def test_every_kernel_and_library_is_named() -> None:
    here = versions.versions()
    assert here.version == __version__
    assert platform.python_version() in here.python
    assert set(here.kernels) == set(KERNELS)
    assert set(here.kernels.values()) <= {"compiled", "plain"}
    assert set(here.libraries) == set(versions.LIBRARIES)


def test_a_library_that_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "LIBRARIES", ("no-such-library",))
    assert versions.versions().libraries == {"no-such-library": "missing"}
