"""What is known of the decoy: who switched it on or off, and how often callers left it for a person."""

from __future__ import annotations

from typing import NamedTuple

OFF_FILE = "decoy-off"
"""Where it lies in the state directory, the decoy is off for the daemons of that directory, whatever Redis says."""


class DecoyState(NamedTuple):
    """The switch, as everybody shares it."""

    on: bool = False
    """Whether it is on."""
    since_s: float = 0.0
    """When it was switched so, in seconds since 1970 UTC; 0 when nobody ever touched it."""
    by: str = ""
    """Who did, or `asterisk-router` where it switched itself off."""
    responsible: str = ""
    """Who answers for it; of one that is off, who did until then."""
    why: str = ""
    """Why it was switched off."""


class DecoyUses(NamedTuple):
    """What became of the callers who met it."""

    uses: int = 0
    """Calls that met it and are over."""
    escapes: int = 0
    """Those that left it for a person."""

    @property
    def share(self) -> int:
        """Escapes of a hundred uses, rounded down; 0 without a use."""
        return self.escapes * 100 // self.uses if self.uses else 0

    def too_many(self, share: int, least_uses: int) -> bool:
        """Whether so many escaped that it must be off: more than `share` percent of at least `least_uses`.

        >>> DecoyUses(10, 2).too_many(20, 10), DecoyUses(10, 3).too_many(20, 10), DecoyUses(9, 9).too_many(20, 10)
        (False, True, False)
        """
        return self.uses >= least_uses and self.escapes * 100 > share * self.uses
