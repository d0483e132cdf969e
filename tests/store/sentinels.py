"""A master, a replica and three Sentinels that watch them, all real."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.live.ports import free_port
from tests.live.redis_server import RedisServer

DOWN_AFTER_MS = 500
"""How long a master is silent before a Sentinel counts it as down."""

OFTEN = ("info-period", "1000", "publish-period", "300")
"""How often, in milliseconds, a Sentinel looks and tells, in place of seconds; a Redis before 7.0 keeps to those."""

AT_ONCE = ("--repl-diskless-sync-delay", "0")
"""Who becomes a replica is one at once, and not after five seconds in which another might."""


class Sentinels:
    """Two servers and who watches them; `url` leads to whichever is the master."""

    def __init__(self) -> None:
        self.servers = [RedisServer(options=AT_ONCE), RedisServer(options=AT_ONCE)]
        self.ports = [free_port() for _ in range(3)]
        self._directory = Path(tempfile.mkdtemp(prefix="ar-sentinel-"))
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        places = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"redis+sentinel://{places}/callers"

    def start(self) -> Sentinels:
        """Start everything, and return when the Sentinels know of the replica and of each other."""
        master, replica = self.servers
        master.start()
        replica._options = (*AT_ONCE, "--replicaof", "127.0.0.1", str(master.port))
        replica.start()
        for port in self.ports:
            self._start_sentinel(port, master.port)
        for _ in range(1000):
            for port in self.ports:  # as Redis's own tests do: what was the master follows the new one soon
                self.ask("DEBUG", *OFTEN, port=port)
            if all(self._knows(port) for port in self.ports):
                return self
            time.sleep(0.02)
        raise RuntimeError("the Sentinels do not find each other")

    def stop(self) -> None:
        """End everything."""
        for process in self._processes:
            process.terminate()
            process.wait()
        for server in self.servers:
            server.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _start_sentinel(self, port: int, master_port: int) -> None:
        conf = self._directory / f"{port}.conf"
        conf.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {self._directory}\n"
            f"sentinel monitor callers 127.0.0.1 {master_port} 2\n"
            f"sentinel down-after-milliseconds callers {DOWN_AFTER_MS}\n"
            "sentinel failover-timeout callers 1000\n"
        )
        with open(self._directory / f"{port}.log", "ab") as log:
            command = ["redis-server", str(conf), "--sentinel"]
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))

    def ask(self, *words: str, port: int = 0) -> list[str]:
        """What a Sentinel, the first one if none is named, says to one of its commands."""
        command = ["redis-cli", "-p", str(port or self.ports[0]), "SENTINEL", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()

    def _knows(self, port: int) -> bool:
        said = self.ask("MASTER", "callers", port=port)
        facts = dict(zip(said[::2], said[1::2], strict=False))
        return facts.get("num-slaves") == "1" and facts.get("num-other-sentinels") == "2"
