"""Puts together where people ask the daemon to act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...doors.listeners import listen_unix
from ...store.open_book import IN_PROCESS
from ..admin_server.keeper import AdminServerKeeper
from ..workers.process import is_worker

if TYPE_CHECKING:
    from ...settings import Settings
    from .policies import Works

WHAT = "holding the admin socket"
"""What the log calls it."""


def admin_server_works(settings: Settings) -> Works:
    """The admin socket of a daemon that is one process; nowhere where the callers are in this process alone.

    Workers come and go: theirs is held by their keeper.
    """
    if is_worker() or settings.redis == IN_PROCESS:
        return ()
    return ((WHAT, AdminServerKeeper(settings, listen_unix, answers_calls=True).keep),)


def admin_server_of_workers(settings: Settings) -> AdminServerKeeper:
    """What holds the admin socket in the keeper of workers, which answers no call itself."""
    return AdminServerKeeper(settings, listen_unix, answers_calls=False)
