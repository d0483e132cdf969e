"""The entry point `asterisk-router`: the command line, handed the ports it works through.

Nothing is imported before a command needs it: `asterisk-router number` loads no asyncio, and nothing but
`serve` loads a door. So the daemon answers its first call in a quarter of a second.
"""

from __future__ import annotations

import gc
import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ..admin.ports import Ports, Shared, StateFiles

if TYPE_CHECKING:
    from ..admin.doctor.examination import Looks
    from ..call_path import CallPath
    from ..callers.caller_book import CallerBook
    from ..policy.policy import Policy
    from ..queues.seen_pbx import SeenPbx
    from ..settings import AmiServer, Settings


def main() -> None:
    """Run one command and leave with its exit code."""
    # asyncio's own way with Ctrl-C is to cancel, which a command that waits for standard input does not hear
    signal.signal(signal.SIGINT, _interrupt)
    gc.disable()  # nothing that is imported is garbage: looking for some would cost a tenth of the start
    from ..admin.cli.router import commands

    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    group = commands(asked)
    if asked != "serve":  # which starts the collector itself, when calls are answered
        gc.enable()
    group.main(prog_name="asterisk-router", obj=PORTS)


def _interrupt(sign: int, frame: object) -> None:
    raise KeyboardInterrupt


def _open_book(url: str, state_dir: Path) -> AbstractAsyncContextManager[CallerBook]:
    from .compose.daemon import open_book

    return open_book(url, state_dir)


def _open_shared(url: str, state_dir: Path) -> AbstractAsyncContextManager[Shared]:
    from .compose.daemon import open_shared

    return open_shared(url, state_dir)


def _load_policy(source: str) -> Policy:
    from .compose.daemon import load_policy

    return load_policy(source)


def _call_path(policy: Policy, book: CallerBook) -> CallPath:
    from .compose.daemon import call_path

    return call_path(policy, book)


def _serve(settings: Settings) -> int:
    from .compose.daemon import serve

    return serve(settings)


def _look_at(server: AmiServer) -> SeenPbx:
    from .compose.daemon import look_at

    return look_at(server)


def _state_files(state_dir: Path) -> StateFiles:
    from .compose.policies import state_files

    return state_files(state_dir)


def _looks() -> Looks:
    from .compose.looks import looks

    return looks()


PORTS = Ports(_open_book, _open_shared, _load_policy, _call_path, _serve, _look_at, _state_files, _looks)
"""What every command works through."""


if __name__ == "__main__":
    main()
