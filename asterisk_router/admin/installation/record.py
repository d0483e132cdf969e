"""What an installation did, written down where only root can change it: by this it is taken away again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Final

from ...errors import SettingsError
from .layout import CONFIG_DIR
from .machine import Machine

PATH: Final = f"{CONFIG_DIR}/installed.json"


@dataclass
class Record:
    """What is there because of us."""

    files: dict[str, str] = field(default_factory=dict)
    """File -> fingerprint of what we wrote into it."""
    copies: dict[str, str] = field(default_factory=dict)
    """File -> the copy of the admin's own one that stood in its place."""
    lines: dict[str, list[str]] = field(default_factory=dict)
    """File of the admin -> the lines added to it."""
    directories: list[str] = field(default_factory=list)
    """Directories made, outermost first."""

    @classmethod
    def of(cls, machine: Machine) -> Record:
        """What was done on a machine; empty where nothing was. Raises SettingsError, OSError."""
        text = machine.read(PATH)
        if text is None:
            return cls()
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            remedy = "remove it, and what was installed, by hand"
            raise SettingsError("the record of the installation is damaged", where=PATH, remedy=remedy) from None

    def keep(self, machine: Machine) -> None:
        """Write it down. Raises OSError."""
        machine.write(PATH, json.dumps(self.__dict__, indent=1, sort_keys=True) + "\n", (0o600, "root", "root"))


def fingerprint(text: str) -> str:
    """What tells a text from every other."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
