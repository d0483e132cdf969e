"""Everything that can be asked for, by what the command line and the record of acts call it."""

from __future__ import annotations

from typing import Any

from ...errors import RouterError
from ...policy.file.words import nearest
from .call_backs import CallBackClose, CallBackOpen, CallBackRelease, CallBackTake
from .caller_import import ImportPieces
from .callers import CallerExport, CallerForget, CallerSet, TagAdd, TagApprove, TagRemove
from .decoy import DecoyOff, DecoyOn
from .line import QueuePromote, QueueWithdraw, ReservePull, ReserveRelease
from .people import TokenAdd, TokenRemove
from .policy import ShadowPromote, ShadowRollback
from .wish import Wish, read_fields

WISHES: dict[str, type[Any]] = {
    "callbacks take": CallBackTake,
    "callbacks release": CallBackRelease,
    "callbacks close": CallBackClose,
    "callbacks open": CallBackOpen,
    "caller set": CallerSet,
    "caller import": ImportPieces,
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
    "shadow promote": ShadowPromote,
    "shadow rollback": ShadowRollback,
    "people token add": TokenAdd,
    "people token remove": TokenRemove,
}
"""Every act that a role guards. Where it changes files which the daemon may not write, the command does it."""


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
