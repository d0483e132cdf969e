"""Puts together where people ask the daemon to act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...doors.listeners import listen_unix
from ...store.open_book import IN_PROCESS
from ..admin_server.keeper import AdminServerKeeper
from ..workers.process import number

if TYPE_CHECKING:
    from ...settings import Settings
    from .policies import Works


def admin_server_works(settings: Settings) -> Works:
    """The admin socket, held by the first worker; nowhere where the callers are in this process alone."""
    if number() or settings.redis == IN_PROCESS:
        return ()
    return (("holding the admin socket", AdminServerKeeper(settings, listen_unix).keep),)
