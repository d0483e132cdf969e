"""Faults of the daemon itself and of what its machine gives it."""

from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys
from contextlib import suppress

from tests.faults.fault import HUNG_MS, Fault
from tests.faults.stand import POLICY, Stand

HOUR_S = 3600
BROKEN = "[policy\nname = 'half a pol"
FULL_OF = 64 << 20
"""More bytes than the disk has."""


def crash_at_start(stand: Stand) -> None:
    """The daemon is started, as a service manager goes on doing, and dies before it answers anybody."""
    stand.router.kill()
    command = [
        sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--policy", str(stand.policy), "--listen",
        str(stand.address), "--redis", stand.router.redis_url, "--state-dir", str(stand.state_dir),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as life:
        assert life.stdout is not None
        life.stdout.readline()
        life.send_signal(signal.SIGKILL)


def no_descriptors(stand: Stand) -> None:
    """The daemon can open nothing more."""
    pid = stand.router.process.pid
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))


def descriptors(stand: Stand) -> None:
    """The daemon may open as many as it is allowed again."""
    pid = stand.router.process.pid
    most = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))


def fill_disk(stand: Stand) -> None:
    """Not a byte is left where the daemon keeps its journal and writes its log."""
    with suppress(OSError), (stand.state_dir / "filler").open("ab") as filler:
        while filler.write(bytes(FULL_OF)):
            filler.flush()
    assert _full(stand), "the disk is not full"


def _full(stand: Stand) -> bool:
    try:
        (stand.state_dir / "one-more").write_bytes(b"1" * 8192)
    except OSError as refused:
        return refused.errno == errno.ENOSPC
    return False


def make_room(stand: Stand) -> None:
    """There is room again."""
    for name in ("filler", "one-more"):
        (stand.state_dir / name).unlink(missing_ok=True)


def break_policy(stand: Stand) -> None:
    """Somebody saves half a policy."""
    stand.policy.write_text(BROKEN)


def mend_policy(stand: Stand) -> None:
    """Somebody saves the whole one."""
    stand.policy.write_text(POLICY)


def start_with_broken_policy(stand: Stand) -> None:
    """The daemon starts, and its policy is broken."""
    break_policy(stand)
    stand.router.kill()
    with suppress(RuntimeError):
        stand.start()


def start_with_mended_policy(stand: Stand) -> None:
    """The policy is mended, and the daemon starts again where it did not."""
    mend_policy(stand)
    stand.restart()


FAULTS = (
    Fault(
        "daemon-killed",
        "the daemon is killed, and started again",
        lambda s: s.router.kill(),
        Stand.start,
        HUNG_MS,
        shown_by="test_faults.py::test_killed_under_load_and_started_again_it_loses_no_call",
    ),
    Fault(
        "daemon-frozen",
        "the daemon stands still (SIGSTOP)",
        lambda s: s.router.freeze(),
        lambda s: s.router.thaw(),
        HUNG_MS,
        shown_by="test_faults.py::test_a_frozen_router_is_left_after_the_guard_by_every_call",
    ),
    Fault(
        "daemon-crashes-at-start",
        "the daemon is started again and again and killed as soon as it answers",
        crash_at_start,
        Stand.start,
        HUNG_MS,
        meanwhile=crash_at_start,
    ),
    Fault("no-descriptors", "the daemon is out of descriptors", no_descriptors, descriptors, HUNG_MS),
    Fault("disk-full", "the disk of journal and log is full", fill_disk, make_room),
    Fault(
        "clock-moved",
        "the daemon's clock is an hour ahead, then back",
        lambda s: s.move_clock(HOUR_S),
        lambda s: s.move_clock(0),
    ),
    Fault("policy-broken", "a broken policy is saved, then the whole one", break_policy, mend_policy),
    Fault(
        "policy-broken-at-start",
        "the daemon starts with a broken policy",
        start_with_broken_policy,
        start_with_mended_policy,
        HUNG_MS,
    ),
)
"""Where a start is part of the fault, a call may come in between the opening of the port and the first answer."""
