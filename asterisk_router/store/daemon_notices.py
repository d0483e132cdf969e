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
        said = {"pid": os.getpid(), "born": _born(os.getpid()), **notice}
        made.write_text(json.dumps(said, ensure_ascii=False), "utf-8", "replace")
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
                pid = int(path.stem)
                if isinstance(notice, dict) and notice.get("pid") == pid and _runs(pid, notice.pop("born", "")):
                    notices.append(notice)
        return notices


def _runs(pid: int, born: object) -> bool:
    """Whether that very process runs: after a restart of the machine another one soon has its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not born or _born(pid) in ("", born)


def _born(pid: int) -> str:
    """When a process began, in ticks of that very boot (proc_pid_stat(5)); empty where it is not ours to see."""
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
        return f"{ticks} of {Path('/proc/sys/kernel/random/boot_id').read_text().strip()}"
    except (OSError, IndexError):
        return ""
