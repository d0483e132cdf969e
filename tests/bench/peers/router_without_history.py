"""Our daemon with nothing noted after the answer: what is left is the job that the other servers do."""

from __future__ import annotations

from typing import Any

from asterisk_router.daemon.main import main
from asterisk_router.store.redis_book import RedisBook


def note_nothing(*_: Any) -> None:
    """In place of noting a call."""


if __name__ == "__main__":
    RedisBook.note_call = note_nothing  # type: ignore[method-assign,assignment]
    main()
