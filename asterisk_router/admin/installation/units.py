"""The units of systemd, from the templates that lie in `systemd/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ...errors import SettingsError

SERVICE: Final = "asterisk-router.service"
"""The unit of the daemon, which makes its own sockets and leaves them in systemd's keeping."""

SOCKET: Final = "asterisk-router.socket"
"""The unit of sockets that systemd makes, for who wants it: the service listens on those instead."""

USER: Final = "asterisk-router"
"""The user, and the group, as which the daemon runs."""


def render(program: str, group: str, *, with_socket: bool = False) -> dict[str, str]:
    """The units by name. `program` is the path of `asterisk-router`; `group` is Asterisk's, empty where there is none.

    `with_socket`: that of the sockets, too. Raises SettingsError for a path that a unit cannot hold.
    """
    if not program.startswith("/") or set(program) & set(" \t\n\"'\\%$"):
        raise SettingsError(f"{program!r} cannot stand in a unit of systemd", remedy="install into a simple path")
    units = {}
    for name in (SOCKET, SERVICE) if with_socket else (SERVICE,):
        lines = (templates() / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if group or "@GROUP@" not in line]
        text = "\n".join(kept) + "\n"
        units[name] = text.replace("@PROGRAM@", program).replace("@GROUP@", group)
    return units


def templates() -> Path:
    """The directory of the templates: inside an installed package, at the top of a checkout."""
    package = Path(__file__).parents[2]
    for place in (package / "systemd", package.parent / "systemd"):
        if (place / SERVICE).is_file():
            return place
    raise SettingsError("the units of systemd are missing", where=str(package), remedy="install the package again")
