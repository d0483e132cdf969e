"""The daemon under test, as a sysadmin runs it: `asterisk-router serve` in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

STARTED_WITHIN_S = 60
POLICY = "shop"
LISTENING = "asterisk-router listening on"
"""What it says when it answers calls."""


class RouterProcess:
    """One daemon on one address, to be started, frozen, thawed, killed and started again."""

    def __init__(self, port: int, redis_url: str, folder: Path) -> None:
        self.port = port
        self.redis_url = redis_url
        self.folder = folder
        self.environment: dict[str, str] = {}
        """What its environment has beside ours."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> psutil.Process:
        """The running process, for its memory and descriptors."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def log(self) -> str:
        """What it said so far, over all its lives."""
        path = self.folder / "daemon.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self, policy: str = "", *options: str) -> None:
        """Start it, with the shop's policy if none is given, and wait until it says that it listens.

        Its port is open before: a call that comes meanwhile waits, for as long as its guard lets it.
        """
        assert self._process is None, "the daemon runs already"
        before = len(self.log)
        command = [
            sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--policy", policy or POLICY,
            "--listen", f"127.0.0.1:{self.port}", "--redis", self.redis_url, "--state-dir", str(self.folder), *options,
        ]  # fmt: skip
        with (self.folder / "daemon.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment()
            )
        until = time.monotonic() + STARTED_WITHIN_S
        while LISTENING not in self.log[before:]:
            if self._process.poll() is not None or time.monotonic() > until:
                self._process = None
                raise RuntimeError(f"the daemon did not start:\n{self.log[-2000:]}")
            time.sleep(0.02)

    def _environment(self) -> dict[str, str]:
        """Ours and its own; like an installed program it keeps its bytecode: to compile takes longer than to start."""
        environment = {**os.environ, **self.environment}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment

    def freeze(self) -> None:
        """Stop it where it stands: its port stays open and nothing answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it with no time to clean up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as a service manager does."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
