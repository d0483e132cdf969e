"""Our daemon with no call registered after its answer: what is left is the job that the other servers do."""

from __future__ import annotations

from typing import Any

from asterisk_router.daemon.call_register import CallRegister
from asterisk_router.daemon.main import main


def register_nothing(*_: Any) -> None:
    """In place of registering a call."""


if __name__ == "__main__":
    CallRegister.decided = register_nothing  # type: ignore[method-assign,assignment]
    main()
