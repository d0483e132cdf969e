"""One step of an installation, or of its end: what it does, where, and why; as shown first, and done on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


def nothing() -> None:
    """Done already, or not to be done."""


class Step(NamedTuple):
    """Shown to the admin; `do` is called only when they say so."""

    act: str
    """`add user`, `make`, `write`, `replace`, `set rights`, `add line`, `remove`, `restore`, `remove line`; or `keep`
    (what is there is the admin's) or `have` (it is there as it should be), which change nothing."""
    path: str
    """What it is about."""
    why: str
    """What for; for `keep` why not."""
    rights: str = ""
    """Mode and owner it gets, as `0640 root:asterisk`."""
    do: Callable[[], None] = nothing
    """Does it; raises OSError, SettingsError."""

    @property
    def changes(self) -> bool:
        """Whether anything is changed."""
        return self.act not in ("keep", "have")

    def as_plain(self) -> dict[str, Any]:
        """The step for JSON."""
        return {"act": self.act, "path": self.path, "rights": self.rights, "why": self.why}
