"""Puts together how the doctor looks at what the router stands on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from .daemon import load_policy
from .policies import state_files

if TYPE_CHECKING:
    from ...admin.doctor.examination import Looks
    from ...settings import AmiServer, AriServer
    from ...wire.ami_rights import SeenManager
    from ...wire.redis_info import SeenStore
    from ...wire.seen_ari import SeenAri


def looks() -> Looks:
    """One look at each, for one act of a person."""
    from ...admin.doctor.examination import Looks

    return Looks(load_policy, state_files, _store, _manager, _ari)


def _store(url: str, state_dir: Path) -> SeenStore:
    from ...store.store_look import look_at_store

    return asyncio.run(look_at_store(url, state_dir))


def _manager(server: AmiServer) -> SeenManager:
    from ...feeds.ami_glance import look_at_rights

    return asyncio.run(look_at_rights(server))


def _ari(server: AriServer) -> SeenAri:
    from ...doors.ari.glance import look_at_ari

    return asyncio.run(look_at_ari(server))
