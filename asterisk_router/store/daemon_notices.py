"""What each daemon of a state directory says of itself: its policy, its shadow policy, how they differ.

STATE_DIR/policy/daemons/PID.json     written anew whenever it changes, removed at the end
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any


class DaemonNotices:
    """The notices under one folder. All of it blocks on the disk and raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{os.getpid()}.json"

    def publish(self, notice: dict[str, Any]) -> None:
        """Say it in place of what was said before."""
        import json  # not before the first call is answered

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = self._own.with_suffix(".new")
        made.write_text(json.dumps({"pid": os.getpid(), **notice}, ensure_ascii=False), "utf-8", "replace")
        os.replace(made, self._own)

    def withdraw(self) -> None:
        """This process is no daemon any more."""
        with suppress(OSError):
            self._own.unlink()

    def read_all(self) -> list[dict[str, Any]]:
        """What the daemons that run say, by their process IDs; what a killed one left behind is left out."""
        import json

        notices = []
        for path in sorted(self._folder.glob("*.json")):
            with suppress(ValueError, FileNotFoundError):
                notice = json.loads(path.read_text("utf-8", "replace"))
                if isinstance(notice, dict) and notice.get("pid") == int(path.stem) and _runs(int(path.stem)):
                    notices.append(notice)
        return notices


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
