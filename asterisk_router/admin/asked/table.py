"""Everything that can be asked for, by what the command line and the record of acts call it."""

from __future__ import annotations

from typing import Any

from ...errors import RouterError
from ...policy.file.words import nearest
from .call_backs import CallBackClose, CallBackOpen, CallBackRelease, CallBackTake
from .callers import CallerExport, CallerForget, CallerSet, TagAdd, TagApprove, TagRemove
from .decoy import DecoyOff, DecoyOn
from .line import QueuePromote, QueueWithdraw, ReservePull, ReserveRelease
from .wish import Wish, read_fields

WISHES: dict[str, type[Any]] = {
    "callbacks take": CallBackTake,
    "callbacks release": CallBackRelease,
    "callbacks close": CallBackClose,
    "callbacks open": CallBackOpen,
    "caller set": CallerSet,
    "caller export": CallerExport,
    "caller forget": CallerForget,
    "tag add": TagAdd,
    "tag approve": TagApprove,
    "tag remove": TagRemove,
    "decoy on": DecoyOn,
    "decoy off": DecoyOff,
    "queue promote": QueuePromote,
    "queue withdraw": QueueWithdraw,
    "reserve pull": ReservePull,
    "reserve release": ReserveRelease,
}
"""Acts that change what is shared in Redis. What is written into files of an admin (policies, people) is not asked
for: the daemon may not write there."""


def name_of(wish: Wish) -> str:
    """What it is called."""
    return next(name for name, kind in WISHES.items() if isinstance(wish, kind))


def read_wish(name: Any, fields: Any) -> Wish:
    """The wish called `name`; raises RouterError for what is none, or does not fit together."""
    kind = WISHES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise RouterError("that is no act the daemon does for people", remedy=nearest(str(name)[:40], WISHES))
    wish: Wish = read_fields(kind, fields)
    return wish
