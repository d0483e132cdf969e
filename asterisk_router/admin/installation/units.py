"""The units of systemd, from the templates that lie in `systemd/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ...errors import SettingsError

NAMES: Final = ("asterisk-router.socket", "asterisk-router.service")
"""The units, the one that comes first at the top."""

USER: Final = "asterisk-router"
"""The user, and the group, as which the daemon runs."""


def render(program: str, group: str) -> dict[str, str]:
    """The units by name. `program` is the path of `asterisk-router`; `group` is Asterisk's, empty where there is none.

    Raises SettingsError for a path that a unit cannot hold.
    """
    if not program.startswith("/") or set(program) & set(" \t\n\"'\\%$"):
        raise SettingsError(f"{program!r} cannot stand in a unit of systemd", remedy="install into a simple path")
    units = {}
    for name in NAMES:
        lines = (templates() / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if group or "@GROUP@" not in line]
        text = "\n".join(kept) + "\n"
        units[name] = text.replace("@PROGRAM@", program).replace("@GROUP@", group)
    return units


def templates() -> Path:
    """The directory of the templates: inside an installed package, at the top of a checkout."""
    package = Path(__file__).parents[2]
    for place in (package / "systemd", package.parent / "systemd"):
        if (place / NAMES[0]).is_file():
            return place
    raise SettingsError("the units of systemd are missing", where=str(package), remedy="install the package again")
