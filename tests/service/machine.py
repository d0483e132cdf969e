"""A Debian of its own whose process 1 is systemd, in namespaces of this machine, of which it sees and changes nothing.

The release is made once by debootstrap (1 GB, some minutes), in `$ASTERISK_ROUTER_MACHINE` or
`~/.cache/asterisk-router/machine-SUITE`, and only read afterwards: what a run writes lies over it and goes with it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tests.live.asterisk_testbed import TestbedError, debootstrapped

REPOSITORY: Final = Path(__file__).parents[2]

PACKAGES: Final = (
    "systemd,systemd-sysv,dbus,python3-venv,python3-dev,gcc,libc6-dev,redis-server,iproute2,ca-certificates"
)
"""What is installed beside the essentials: a machine as the README asks for, with a service manager."""

PBX: Final = ",asterisk,asterisk-core-sounds-en-gsm"
"""And where the release has one."""

WITH_PBX: Final = ("forky", "sid")
"""Releases of Debian that have an Asterisk: bookworm and trixie have none."""

PROGRAM: Final = "/opt/asterisk-router/bin/asterisk-router"

CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
"""Whom this machine believes, and so the other one on its way to the packages."""

PREFIX: Final = "asterisk-router-machine-"
"""Of the directory a run writes to, and of its control group."""

BOOT: Final = """
mount --make-rprivate /
mount -t overlay overlay -o lowerdir="$0",upperdir="$1/upper",workdir="$1/work" "$1/root"
cd "$1/root"
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755,nosuid tmpfs dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 dev/${node%:*} c 1 ${node#*:}; done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for place in dev/shm run tmp; do mount -t tmpfs -o mode=1777 tmpfs $place; done
chmod 755 run
mkdir -p root/source .before
mount --bind "$2" root/source
mount -o remount,ro,bind root/source
ip link set lo up
hostname router-trial
pivot_root . .before
umount -l /.before
exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \\
    setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-sys_rawio,-mknod \\
    /lib/systemd/systemd --system --show-status=no --unit=multi-user.target
"""
"""$0 is the release, $1 where the run writes, $2 the repository."""


class Machine:
    """A machine that runs; ended with the `with` block of `running`."""

    def __init__(self, first: int) -> None:
        self.first = first
        """Its process 1, by the number it has outside."""

    def run(self, *words: str, check: bool = True, outside: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command as root; `outside`: with the network of this machine, for installing packages alone.

        Raises RuntimeError with what it said when it fails, unless `check` is false.
        """
        spaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", *([] if outside else ["--net"])]
        env = {"HOME": "/root", "LANG": "C.UTF-8", "COLUMNS": "200", "SYSTEMD_PAGER": "cat"}
        if outside:
            env["PIP_CERT"] = CERTIFICATES
            env.update({name: os.environ[name] for name in ("PIP_INDEX_URL",) if name in os.environ})
        env["PATH"] = f"{Path(PROGRAM).parent}:/usr/sbin:/usr/bin:/sbin:/bin"
        command = ["nsenter", "--target", str(self.first), *spaces, "--", "env", "--chdir=/", *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def sh(self, script: str, *, check: bool = True) -> str:
        """What a shell script prints, on both of its outputs."""
        done = self.run("sh", "-c", f"exec 2>&1\n{script}", check=check)
        return done.stdout

    def systemctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Ask the service manager for something."""
        return self.run("systemctl", *words, check=check)

    def show(self, name: str, unit: str = "asterisk-router.service") -> str:
        """A property of a unit."""
        return self.systemctl("show", "--value", "--property", name, unit).stdout.strip()

    def doctor(self) -> list[dict[str, Any]]:
        """What the doctor finds."""
        found: list[dict[str, Any]] = json.loads(self.run("asterisk-router", "doctor", "--json", check=False).stdout)
        return found

    @property
    def has_pbx(self) -> bool:
        """Whether there is an Asterisk."""
        return Path(f"/proc/{self.first}/root/usr/sbin/asterisk").exists()

    def journal(self, *words: str) -> str:
        """What the service has said."""
        return self.run("journalctl", "--no-pager", "--output=cat", "--unit=asterisk-router", *words).stdout

    @contextmanager
    def calls(self, a_second: int, most_s: float) -> Iterator[Fates]:
        """Calls come in, from `with` to its end; then what became of them is known."""
        words = ["nsenter", "--target", str(self.first), "--net", sys.executable, "-m", "tests.service.callers"]
        player = subprocess.Popen(
            [*words, str(a_second), str(most_s)],
            cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        fates = Fates()
        assert player.stdout
        player.stdout.readline()
        time.sleep(1.0)
        try:
            yield fates
            time.sleep(1.0)
        finally:
            fates.update(json.loads(player.communicate("\n")[0]))


class Fates(dict[str, Any]):
    """What became of calls, told by `callers.py`; filled when they are over."""

    def count(self, fate: str) -> int:
        """How many calls met it."""
        return int(self["fates"].get(fate, 0))

    def faults(self, most_cut_off: int, *, may_be_refused: bool = False) -> str:
        """What no call may meet; empty where none did.

        `most_cut_off` may hear the end of an answer that never came, for they were in the hands of what was killed.
        """
        never = ("hung", "answered twice", *(() if may_be_refused else ("refused",)))
        met = [f"{self.count(fate)} {fate}" for fate in never if self.count(fate)]
        if self.count("cut off") > most_cut_off:
            met.append(f"{self.count('cut off')} cut off")
        if not self["decided_at_the_end"]:
            met.append("in the last second no call was decided")
        return ", ".join(met)

    def said(self) -> str:
        """In words."""
        rest = ", ".join(f"{count} {fate}" for fate, count in sorted(self["fates"].items()) if fate != "decided")
        gap = f"none decided for {self['longest_without_s']:.1f} s" if self["longest_without_s"] > NOTEWORTHY_S else ""
        stood = f"callers themselves late by {self['stalled_ms']:.0f} ms" if self["stalled_ms"] > NOTEWORTHY_MS else ""
        words = (f"{self.count('decided')} of {sum(self['fates'].values())} calls decided", rest, gap)
        return "; ".join(filter(None, (*words, f"worst {self['worst_ms']:.0f} ms", stood)))


NOTEWORTHY_S: Final = 0.4
"""A pause in the decisions that is longer than a guard and some calls' distance."""

NOTEWORTHY_MS: Final = 10.0


BEGINS_S: Final = 60.0
"""A control group without a process that is younger may be of a machine that just begins."""


@contextmanager
def running(suite: str) -> Iterator[Machine]:
    """A machine of that release, booted, with the package of this checkout installed; nothing is left of it."""
    place = os.environ.get("ASTERISK_ROUTER_MACHINE") or Path.home() / f".cache/asterisk-router/machine-{suite}"
    release = debootstrapped(Path(place), suite, PACKAGES + (PBX if suite in WITH_PBX else ""))
    _remove_left_behind()
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    group = _control_groups() / made.name
    group.mkdir()
    for name in ("upper", "work", "root"):
        (made / name).mkdir()
    spaces = ["--fork", "--kill-child", "--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup"]
    enter = f'echo 0 > "{group}/cgroup.procs"; exec unshare {" ".join(spaces)} sh -ec "$0" "$@"'
    # it ends with this process, also when that is killed
    words = ["setpriv", "--pdeathsig", "KILL", "sh", "-ec", enter, BOOT, str(release), str(made), str(REPOSITORY)]
    log = made / "log"
    with log.open("w") as out:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        machine = Machine(_first_of(process, log))
        _wait_until_up(machine, process, log)
        _install_package(machine)
        yield machine
    finally:
        process.kill()  # and with it, by --kill-child, all of the machine
        process.wait()
        _remove(group)
        shutil.rmtree(made, ignore_errors=True)


def _control_groups() -> Path:
    """Where cgroup2 is mounted here."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, at, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(at)
    raise TestbedError("no cgroup2 is mounted here, and systemd does not live without")


def _remove_left_behind() -> None:
    """Remove what runs left that were killed: their machines ended with them, and with those everything mounted."""
    for group in _control_groups().glob(f"{PREFIX}*"):
        begins = time.time() - group.stat().st_mtime < BEGINS_S
        if not begins and "populated 0" in (group / "cgroup.events").read_text():
            _remove(group)
            shutil.rmtree(Path(tempfile.gettempdir()) / group.name, ignore_errors=True)


def _first_of(process: subprocess.Popen[bytes], log: Path) -> int:
    """The number, outside, of the machine's process 1."""
    for _ in range(500):
        with suppress(OSError):
            for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise TestbedError(f"systemd did not come up:\n{log.read_text()[-2000:]}")


def _wait_until_up(machine: Machine, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        said = machine.systemctl("is-system-running", check=False).stdout.strip()
        if said in ("running", "degraded"):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise TestbedError(f"systemd did not come up:\n{log.read_text()[-2000:]}")


def _install_package(machine: Machine) -> None:
    """As docs/first-call.md says, from this checkout, with what this machine knows of the way to the packages."""
    root = Path(f"/proc/{machine.first}/root")
    for name in ("/etc/resolv.conf", CERTIFICATES):
        shutil.copyfile(name, root / name.lstrip("/"))
    kept = "--exclude=.git --exclude=.venv --exclude='*.so'"
    machine.sh(f"mkdir /root/built; cd /root/source; tar c {kept} . | tar x -C /root/built")
    machine.run("python3", "-m", "venv", "/opt/asterisk-router")
    machine.run(
        "/opt/asterisk-router/bin/pip", "install", "-q", "--disable-pip-version-check", "/root/built", outside=True
    )


def _remove(group: Path) -> None:
    """Remove a control group and those below it, when the last of its processes has gone."""
    for _ in range(100):
        with suppress(OSError):
            for below in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
                below.rmdir()
            group.rmdir()
        if not group.exists():
            return
        time.sleep(0.1)
