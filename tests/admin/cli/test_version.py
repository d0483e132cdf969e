"""`version`: which twin runs."""

from __future__ import annotations

import json

from asterisk_router._native import KERNELS
from tests.admin.conftest import Run


def test_the_twin_of_every_kernel_is_named(run: Run) -> None:
    assert set(json.loads(run("version", "--json").stdout)["kernels"]) == set(KERNELS)
    shown = run("version").stdout
    assert all(kernel in shown for kernel in KERNELS) and f"{len(KERNELS)} kernels" in shown
