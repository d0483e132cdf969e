"""The settings of the service, where commands of people take theirs from as well: so they find the same callers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ENVIRONMENT: Final = Path("/etc/asterisk-router/environment")
"""The settings of the service, as `install` lays them down."""

WITHOUT: Final = frozenset({"demo", "serve", "install", "uninstall", "doctor"})
"""Commands that do not begin with them: they make an installation, or say themselves which one they are about."""


def take_in(file: Path | None = None) -> Path | None:
    """Let the settings of a file stand behind those of the environment, as systemd does for the service.

    Without one the installed service's, where it is there and we may read it; returns which it was. Raises OSError.
    """
    chosen = file or (ENVIRONMENT if os.access(ENVIRONMENT, os.R_OK) else None)
    if chosen is not None:
        for line in chosen.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            name, sign, value = line.strip().partition("=")
            if sign and name.startswith("ASTERISK_ROUTER_"):
                os.environ.setdefault(name, value.strip("\"'"))
    return chosen
