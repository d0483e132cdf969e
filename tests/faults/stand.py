"""What the faults are done to: an Asterisk, its daemon, a Redis, and a wire to cut between each two."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.settings import Address
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.incoming_call import IncomingCall
from tests.bench.witness import Witness, witnessing
from tests.live.daemons_wire import Wire
from tests.live.doors import APPS, wait_for_app
from tests.live.people import LINE, command
from tests.live.redis_server import RedisServer
from tests.live.site import Site, running_site

HERE = Path(__file__).parent
KNOWN = [f"+42125550{at}" for at in range(2000, 2050)]
"""Customers on record."""
WELL_WITHIN_S = 20.0
"""How soon everything must be as before once a fault is mended."""
STATE_DIR_SIZE = "16m"

POLICY = """
[policy]
name = "faults"

[numbering]
country = "SK"

[classes]
customer = { branch = "support", queue = "support" }
default = { branch = "sales", queue = "sales" }

[[classify]]
name = "on record"
when = "tag('customer')"
class = "customer"
[[classify]]
name = "everybody else"
class = "default"

[[treat]]
name = "nobody is free"
when = "in_class('default') and queue('sales').free == 0"
branch = "sales-info"
"""


class Stand:
    """The parts, and the daemon among them, to be started as a sysadmin would have it."""

    def __init__(
        self, site: Site, redis: RedisServer, wires: tuple[Wire, Wire, Wire], folder: Path, witness: Witness
    ) -> None:
        self.site, self.redis, self.witness = site, redis, witness
        self.redis_wire, self.ami_wire, self.ari_wire = wires
        self.router = site.router
        self.folder = folder
        self.policy = folder / "policy.toml"
        self.done = 0
        """How often the fault of the moment has done what it does again and again."""
        self.open = ExitStack()
        """What a fault opened and will not need when it is mended."""
        self.dice = random.Random(6)
        self._broken_s = 0.0
        self._clock = folder / "clock"
        self._records: dict[bytes, bytes] = {}
        self.policy.write_text(POLICY)
        self.move_clock(0)
        self.router.redis_url = f"redis://127.0.0.1:{self.redis_wire.port}/0"
        self.router.folder = folder / "state"
        self.router.environment = {"LD_PRELOAD": str(_moved_clock(folder)), "MOVED_CLOCK": str(self._clock)}

    @property
    def state_dir(self) -> Path:
        """The daemon's, on a small file system of its own."""
        return self.router.folder

    @property
    def address(self) -> Address:
        """Where the daemon is asked."""
        return Address("127.0.0.1", self.router.port)

    def start(self) -> None:
        """Start the daemon with everything it can be connected to."""
        ami = self.site.ami_url.replace(str(self.site.pbx.ami_port), str(self.ami_wire.port))
        ari = self.site.ari_url(APPS[0]).replace(str(self.site.pbx.http_port), str(self.ari_wire.port))
        self.router.start(str(self.policy), "--ami", ami, "--ari", ari, "--spool-dir", str(self.site.spool))

    def restart(self) -> None:
        """Kill the daemon and start it again."""
        self.router.kill()
        self.start()

    def breaks(self) -> None:
        """A fault begins."""
        self.done, self._broken_s = 0, time.monotonic()

    def due(self, a_second: float) -> Iterator[int]:
        """What comes `a_second` while the fault lasts, as far as it is due by now; counted in `done`."""
        due = (time.monotonic() - self._broken_s) * a_second
        while self.done < due:
            yield self.done
            self.done += 1

    def move_clock(self, seconds: int) -> None:
        """Have the daemon's wall clock off by so much from now on."""
        with open(self._clock, "r+b" if self._clock.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))

    def put_on_record(self, server: RedisServer | None = None) -> None:
        """Put the customers on record, by a command at first; in another `server` if one is given."""
        if not self._records:
            people = self.folder / "people.csv"
            people.write_text("Phone,Tags\n" + "".join(f"{number},customer\n" for number in KNOWN))
            place = ("--redis", self.redis.unix_url, "--policy", str(self.policy))
            command("caller", "import", str(people), "--map", "number=Phone,tag=Tags", *place)
            for number in KNOWN:
                key = RedisKeys().caller(number)
                self._records[key] = self.redis.command("GET", key).partition(b"\r\n")[2][:-2]
        for key, record in self._records.items():
            (server or self.redis).command("SET", key, record)

    @property
    def records(self) -> dict[bytes, bytes]:
        """The customers' records as Redis keeps them, by key."""
        return self._records

    def well(self) -> bool:
        """Whether the daemon answers and knows its callers."""
        answer = ask(self.address, IncomingCall(KNOWN[0], LINE))
        return answer.complete and answer.variables["ROUTER_DEGRADED"] == "0"

    def wait_until_well(self) -> None:
        """Wait until everything is as it was before any fault; RuntimeError when it does not come to be so."""
        until_s = time.monotonic() + WELL_WITHIN_S
        while not self.well():
            if time.monotonic() > until_s:
                raise RuntimeError(f"the daemon does not recover:\n{self.router.log[-2000:]}")
            time.sleep(0.05)
        wait_for_app(self.site, APPS[0])


@contextmanager
def standing(testbed: Path) -> Iterator[Stand]:
    """Put it all up, everything well, and take it down again."""
    with ExitStack() as open:
        folder = Path(open.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        folder.chmod(0o755)
        redis = RedisServer().start()
        open.callback(redis.stop)
        open.enter_context(_small_disk(folder / "state"))
        site = open.enter_context(running_site("plain", testbed, ""))
        ports = (redis.port, site.pbx.ami_port, site.pbx.http_port)
        to_redis, to_ami, to_ari = (open.enter_context(Wire(port)) for port in ports)
        witness = open.enter_context(witnessing(folder))
        stand = Stand(site, redis, (to_redis, to_ami, to_ari), folder, witness)
        open.callback(stand.router.stop)
        open.callback(stand.open.close)
        stand.put_on_record()
        stand.start()
        stand.wait_until_well()
        yield stand


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={STATE_DIR_SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _moved_clock(folder: Path) -> Path:
    """What moves the daemon's clock, compiled."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("faults: cc is missing (as root: apt-get install gcc libc6-dev)")
    library = folder / "moved_clock.so"
    source = HERE / "moved_clock.c"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library
