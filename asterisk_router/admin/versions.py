"""What runs here: our version, Python's, the kernels' twins and the libraries that decide the speed."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from .. import __version__
from .._native import twins

LIBRARIES = ("uvloop", "hiredis", "msgpack", "phonenumberslite", "click", "fakeredis")
"""Libraries whose version belongs in a fault report."""


class Versions(NamedTuple):
    """Everything a fault report needs to say."""

    version: str
    """Version of asterisk-router."""
    python: str
    """Implementation and version of Python."""
    system: str
    """Operating system and machine."""
    kernels: dict[str, str]
    """Kernel -> `compiled` or `plain`."""
    libraries: dict[str, str]
    """Library -> its version, `missing` for one that is not installed."""


def versions() -> Versions:
    """Ask everything once."""
    return Versions(
        version=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        kernels=twins(),
        libraries={name: _version_of(name) for name in LIBRARIES},
    )


def _version_of(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"
