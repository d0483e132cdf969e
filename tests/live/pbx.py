"""One running Asterisk of the testbed, with its own configuration, ports and directories."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jinja2

from tests.live.ports import free_port

ETC = Path(__file__).parent / "etc"
STARTED_WITHIN_S = 60
EXECUTING = re.compile(
    r"^\[\S+ ([\d:.]+)\] VERBOSE.*Executing \[(\S+)@([\w-]+):\d+\] (\w+)\(\"([^\"]+)\"", re.MULTILINE
)
"""A step of the dialplan in the log: clock, extension, context, application, channel."""
ASKS = ("AGI", "Stasis", "StasisBroadcast")
"""Applications by which the router is asked."""


class Stood(NamedTuple):
    """From when until when a channel stood in the step that asks the router, in seconds of the day, UTC."""

    from_s: float
    """The step begins."""
    until_s: float
    """The next one does."""

    @property
    def ms(self) -> float:
        """For how long, in milliseconds."""
        return (self.until_s - self.from_s) % 86_400 * 1000


class Pbx:
    """A real Asterisk in the chroot; several may run side by side, none of them seen from outside this machine.

    `configuration` (name -> text) is laid over the templates of `tests/live/etc`; `sounds` are added to the prompts.
    """

    def __init__(self, root: Path, trunk_context: str, configuration: dict[str, str]) -> None:
        self.root = root
        runs = root / "srv"
        runs.mkdir(exist_ok=True)
        self.home = Path(tempfile.mkdtemp(prefix="run-", dir=runs))
        self.sip_port, self.desk_port, self.mobile_port = (free_port(socket.SOCK_DGRAM) for _ in range(3))
        self.ami_port, self.http_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.catch_up: Callable[[], None] | None = None
        """Returns when whoever watches has seen all that has happened; None while nobody does."""
        self._configure(trunk_context, configuration)

    @property
    def log(self) -> str:
        """What Asterisk wrote to its log so far."""
        return self._log()

    @property
    def log_size(self) -> int:
        """How many bytes it wrote to its log so far."""
        path = self.home / "log/full"
        return path.stat().st_size if path.exists() else 0

    def _log(self, since: int = 0) -> str:
        if not self.log_size:
            return ""
        with (self.home / "log/full").open("rb") as file:
            file.seek(since)
            return file.read().decode(errors="replace")

    def asked_ms(self, since: int = 0) -> dict[str, float]:
        """How long each channel stood in its (last) step that asks the router, in milliseconds; see `asked`."""
        return {channel: stood.ms for channel, stood in self.asked(since).items()}

    def asked(self, since: int = 0) -> dict[str, Stood]:
        """When each channel stood in its (last) step that asks the router, by channel.

        `since` is a size the log had (`log_size`): what was written before it is left out.

        Read from the log, which is stamped as the step begins; the manager interface stamps its events later. A call
        whose guard ended before it came to ask, as on a machine without a core, stood in the step before.
        """
        begun: dict[str, float] = {}
        stepped: dict[str, float] = {}
        stood: dict[str, Stood] = {}
        for clock, extension, context, application, channel in EXECUTING.findall(self._log(since)):
            if context != "router-ask":
                continue
            hours, minutes, seconds = clock.split(":")
            at_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            if application in ASKS:
                begun[channel] = at_s
            elif channel in begun:
                stood[channel] = Stood(begun.pop(channel), at_s)
            elif extension == "T":
                stood[channel] = Stood(stepped[channel], at_s)
            stepped[channel] = at_s
        return stood

    @property
    def pid(self) -> int:
        """Process ID of the running Asterisk."""
        assert self._process is not None
        return self._process.pid

    @property
    def channels(self) -> int:
        """How many there are at this moment."""
        return int(self.cli("core show channels count").split()[0])

    def start(self) -> None:
        """Start Asterisk and wait until it says it is fully booted."""
        # A mount namespace of its own: /proc is gone with the process, however that ends.
        inside = 'mount -t proc proc "$0/proc" && exec chroot "$0" asterisk -f -U asterisk -G asterisk -C "$1"'
        command = ["unshare", "--mount", "sh", "-c", inside, str(self.root), f"{self._inside}/etc/asterisk.conf"]
        environment = {**os.environ, "TZ": "UTC", "ASTERISK_ROUTER_AGI_SOCKET": f"{self._inside}/daemon/agi.sock"}
        with (self.home / "log/console").open("wb") as console:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment
            )
        self.wait_until_booted()

    def wait_until_booted(self) -> None:
        """Wait until Asterisk says it is fully booted, after a start or a restart of its own."""
        assert self._process is not None
        until = time.monotonic() + STARTED_WITHIN_S
        while "fully booted" not in self.cli("core waitfullybooted", check=False):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Asterisk did not start, see {self.home}/log:\n{self.log[-2000:]}")
            time.sleep(0.2)

    def write(self, name: str, text: str) -> None:
        """Write one more file of configuration, or one anew, for Asterisk to read at its next reload."""
        (self.home / "etc" / name).write_text(text)

    def cli(self, command: str, check: bool = True) -> str:
        """Run one command of Asterisk's console and return what it printed."""
        line = ["chroot", str(self.root), "asterisk", "-C", f"{self._inside}/etc/asterisk.conf", "-rx", command]
        return subprocess.run(line, capture_output=True, text=True, check=check, stdin=subprocess.DEVNULL).stdout

    def stop(self, keep_log: bool = False) -> None:
        """Stop Asterisk and remove what it wrote, except its log when asked to keep it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if keep_log:
            print(f"Asterisk's log and configuration are kept in {self.home}")
        else:
            shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _inside(self) -> str:
        return "/" + str(self.home.relative_to(self.root))

    def _configure(self, trunk_context: str, configuration: dict[str, str]) -> None:
        shutil.copytree(
            self.root / "etc/asterisk", self.home / "etc", symlinks=True, ignore=shutil.ignore_patterns("users.conf")
        )
        for name in (
            "lib/keys",
            "lib/moh",
            "cache",
            "spool/monitor",
            "spool/asterisk-router",
            "run",
            "log",
            "agi-bin",
            "daemon",
        ):
            (self.home / name).mkdir(parents=True)
        libraries = self.root / "usr/lib"  # since Debian 12 one level deeper
        modules = next(path for path in (libraries, *libraries.iterdir()) if (path / "asterisk/modules").is_dir())
        environment = jinja2.Environment(
            variable_start_string="<<", variable_end_string=">>", undefined=jinja2.StrictUndefined
        )
        values = {
            "home": self._inside,
            "modules": f"/{modules.relative_to(self.root)}/asterisk/modules",
            "rtp_start": 10000 + random.randrange(2) * 4000,
            "trunk_context": trunk_context,
            **{name: port for name, port in vars(self).items() if name.endswith("_port")},
        }
        for name, text in {path.name: path.read_text() for path in ETC.glob("*.conf")}.items():
            (self.home / "etc" / name).write_text(environment.from_string(text).render(values) + "\n")
        for name, text in configuration.items():
            (self.home / "etc" / name).write_text(text)
        self._know_own_host_name()
        self.own()

    def own(self) -> None:
        """Give everything this Asterisk may write to the user it runs as."""
        fields = next(
            line.split(":") for line in (self.root / "etc/passwd").read_text().splitlines() if line[:9] == "asterisk:"
        )
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, int(fields[2]), int(fields[3]), follow_symlinks=False)
        self.home.chmod(0o755)

    def _know_own_host_name(self) -> None:
        """SIP stalls for seconds when the PBX cannot resolve its own name and DNS is silent."""
        hosts = self.root / "etc/hosts"
        known = hosts.read_text() if hosts.exists() else "127.0.0.1 localhost\n"
        name = socket.gethostname()
        if name not in known.split():
            written = hosts.with_name(f"hosts-{os.getpid()}")  # at once, for another test process may be reading it
            written.write_text(f"{known}127.0.0.1 {name}\n")
            written.replace(hosts)
