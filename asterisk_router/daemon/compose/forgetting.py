"""Puts together how a daemon hears whom people forgot, and lets go of what is past its time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib import import_module
from time import time
from typing import TYPE_CHECKING

from ...errors import StoreError
from ...store.journal.folder import JOURNALS

if TYPE_CHECKING:
    from ...callers.registered_call import BeganCall, EndedCall
    from ...settings import Settings
    from ...store.forgotten import Forgotten
    from ...store.redis_book import RedisBook
    from ...store.registry import Registry
    from .policies import Works

LOG = logging.getLogger(__name__)


def marks_of_the_forgotten(settings: Settings, book: RedisBook) -> Forgotten | None:
    """Who was forgotten; None, with a word, where the state directory has no key for it and takes none."""
    from ...store.forgotten import Forgotten
    from ...store.pseudonyms import pseudonyms_of

    try:
        return Forgotten(book.acts, book.keys, pseudonyms_of(settings.state_dir))
    except StoreError as fault:
        LOG.warning("callers who are forgotten come back with calls that are reported late: %s", fault)
        return None


def forgetting(settings: Settings, forgotten: Forgotten, registry: Registry, forget_calls: Callable[[], None]) -> Works:
    """Hears of those who are forgotten, beside the calls."""

    async def keep() -> None:
        for late in ("...store.call_eraser", "...store.journal.scrub", "..forgetting"):  # 10 ms that no call waits for
            await asyncio.to_thread(import_module, late, __package__)
        from ...store.call_eraser import names_of
        from ...store.journal.scrub import scrub
        from ...wire.call_record import began_at_s
        from ..forgetting import Forgetting

        def is_forgotten(record: BeganCall | EndedCall) -> bool:
            return any(forgotten.covers(name, began_at_s(record)) for name in names_of(record))

        def scrubbed() -> int:
            return scrub(settings.state_dir / JOURNALS, is_forgotten)

        await Forgetting(forgotten, registry, scrubbed, forget_calls).keep()

    return (("forgetting callers", keep),)


def retention(settings: Settings, book: RedisBook, forgotten: Forgotten) -> Works:
    """Lets go of what is past its time; nothing where everything is kept."""
    if not any(settings.keep):
        return ()

    async def keep() -> None:
        from ...store.retention import Retention
        from ..retention import keep_no_longer

        await keep_no_longer(Retention(book, forgotten, settings.keep, time))

    return (("letting go of what is past its time", keep),)
