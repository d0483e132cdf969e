"""Chooses, file by file, the compiled kernel or its plain twin; nobody else asks which one runs."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

KERNELS = ("agi_environment", "agi_pump", "facts", "number", "queue_day", "rules")
"""Every kernel: compiled as `_NAME` from `ext/NAME.pyx`, plain in `plain_NAME.py`, the same names in both."""

PLAIN_ONLY = "ASTERISK_ROUTER_PLAIN"
"""Environment variable that, when not empty, leaves every plain twin in charge."""


def kernel(name: str) -> ModuleType:
    """The twin in charge of one kernel: the compiled one where it was built and not switched off."""
    if not os.environ.get(PLAIN_ONLY):
        try:
            return importlib.import_module(f"{__name__}._{name}")
        except ImportError:
            pass  # not compiled on this machine: the plain twin does the same, slower
    return importlib.import_module(f"{__name__}.plain_{name}")


def twins() -> dict[str, str]:
    """Which twin runs for each kernel: `compiled` or `plain`."""
    return {name: "compiled" if kernel(name).__name__.endswith(f"._{name}") else "plain" for name in KERNELS}
