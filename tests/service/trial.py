"""What a sysadmin does with the service, and what goes wrong with it, step by step on one machine: each a row."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from .machine import Machine

CONFIG: Final = "/etc/asterisk-router"
STATE: Final = "/var/lib/asterisk-router"
UNIT: Final = "asterisk-router.service"
SOCKET_UNIT: Final = "asterisk-router.socket"
A_SECOND: Final = 50
"""Calls while something is done to the service."""
MOST_S: Final = 60.0
MOST_EXPOSURE: Final = 3.5
WATCHDOG_S: Final = 15.0
"""WatchdogSec, 5 s, what a start takes, and as much again: so long at most no call is decided."""
IN_HAND: Final = 15
"""Calls that may be cut off when what has them in hand is killed: as many as ring in the time of their guard."""
KEPT: Final = 3
"""Sockets that systemd keeps: at the port, the one that keeps it, that of the AGI script."""

SHUT: Final = """
import ctypes, os, socket, sys
daemon = int(sys.argv[1])
there = os.pidfd_open(daemon)
for name in os.listdir(f"/proc/{daemon}/fd"):
    if os.readlink(f"/proc/{daemon}/fd/{name}").startswith("socket:"):
        each = socket.socket(fileno=ctypes.CDLL(None).syscall(438, there, int(name), 0))
        if each.family == socket.AF_INET and each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            each.shutdown(socket.SHUT_RD)
            print("shut")
"""
"""Shuts the door of a process as it does so itself under overload; 438 is pidfd_getfd(2)."""


class Row(NamedTuple):
    """One step, done."""

    name: str
    """What was done."""
    came_of_it: str
    """What was seen; for a step that failed, what was not as it should be."""
    kept: bool
    """Whether everything was as it should be."""


def demand(held: object, otherwise: str) -> None:
    """Raises RuntimeError where something does not hold."""
    if not held:
        raise RuntimeError(otherwise)


def until(held: Callable[[], object], within_s: float, otherwise: str) -> float:
    """Wait until something holds; how many seconds that took."""
    began_s = time.monotonic()
    while not held():
        demand(time.monotonic() - began_s < within_s, f"{otherwise} within {within_s:.0f} s")
        time.sleep(0.1)
    return time.monotonic() - began_s


def plan(machine: Machine) -> str:
    """`install` without --apply."""
    before = machine.sh("find /etc /var/lib /var/spool | sort")
    said = machine.run("asterisk-router", "install").stdout
    demand("Nothing was changed" in said, said)
    demand(machine.sh("find /etc /var/lib /var/spool | sort") == before, "the plan changed something")
    return f"{said.count('  write ')} files would be written, nothing was"


def install(machine: Machine) -> str:
    """`install --apply`, and again."""
    machine.sh("find /etc -type f -exec md5sum {} + | sort -k 2 > /root/before")
    done = machine.run("asterisk-router", "install", "--apply").stdout
    again = machine.run("asterisk-router", "install", "--apply").stdout
    demand("Nothing to do." in again, again)
    verified = machine.run("systemd-analyze", "verify", "/etc/systemd/system/asterisk-router.service", check=False)
    demand((verified.returncode, verified.stderr) == (0, ""), verified.stderr)
    steps = re.findall(r"(\d+) steps done", done)
    return f"{steps[0]} steps, then none; `systemd-analyze verify` has nothing to say"


def early(machine: Machine) -> str:
    """A person works before the service has ever run."""
    machine.run("asterisk-router", "tag", "add", "+12025550107", "partner", "--evidence", "contract")
    return "`tag add` by root"


def start(machine: Machine) -> str:
    """`systemctl enable --now`: ready when it answers, and what root left is the service's."""
    machine.systemctl("daemon-reload")
    machine.systemctl("enable", "--now", UNIT)
    if machine.has_pbx:
        machine.run("asterisk", "-rx", "core reload")
    demand("workers answer" in machine.show("StatusText"), machine.show("StatusText"))
    demand_kept(machine, KEPT)
    others = machine.sh(f"find {STATE} ! -user asterisk-router")
    demand(not others, f"not the service's: {others}")
    demand("partner" in machine.run("asterisk-router", "tag", "list", "+12025550107").stdout, "the tag is gone")
    return f"status: {machine.show('StatusText')}; the tag is there"


def exposure(machine: Machine) -> str:
    """`systemd-analyze security` of the unit as it runs."""
    said = machine.run("systemd-analyze", "security", "--no-pager", "asterisk-router.service").stdout
    figure = re.search(r"exposure level for \S+: ([\d.]+)", said)
    demand(figure and float(figure[1]) <= MOST_EXPOSURE, said)
    return f"{figure[1] if figure else ''} of 10"


def well(machine: Machine) -> str:
    """The doctor finds nothing red."""
    found = machine.doctor()
    red = [f"{each['about']}: {each['said']}" for each in found if each["state"] == "red"]
    demand(not red, "; ".join(red))
    return f"{len(found)} looked at, none red"


def quiet(machine: Machine) -> str:
    """Calls, and nothing else."""
    with machine.calls(A_SECOND, MOST_S) as fates:
        time.sleep(3)
    demand(not fates.faults(0), fates.said())
    return fates.said()


def through_asterisk(machine: Machine) -> str:
    """A call that Asterisk itself places, by the dialplan that was installed."""
    before = machine.run("asterisk-router", "calls", "tail").stdout
    dial = "channel originate Local/+42120550000@router-in application Wait 1"
    machine.run("asterisk", "-rx", dial)
    until(lambda: machine.run("asterisk-router", "calls", "tail").stdout != before, 10, "no call was registered")
    return machine.run("asterisk-router", "calls", "tail").stdout.strip().splitlines()[-1]


def under_calls(
    act: Callable[[Machine], str], most_cut_off: int = 0, *, may_be_refused: bool = False
) -> Callable[[Machine], str]:
    """Do something while calls come in under the dialplan's guard: none of them is refused, and none goes on beyond it.

    No more than `most_cut_off` hear the connection end without an answer; they are at their default at once. So is who
    is refused, where that `may_be`.
    """

    def done(machine: Machine) -> str:
        with machine.calls(A_SECOND, MOST_S) as fates:
            said = act(machine)
        faults = fates.faults(most_cut_off, may_be_refused=may_be_refused)
        demand(not faults, f"{faults}: {fates.said()}")
        demand(fates["longest_without_s"] < WATCHDOG_S, fates.said())
        return "; ".join(filter(None, (said, fates.said())))

    return done


def reload(machine: Machine) -> str:
    """The same policy again, by every worker."""
    machine.systemctl("reload", "asterisk-router")
    until(lambda: "read again" in machine.journal("--since=-5s"), 5, "no worker read it again")
    return ""


def restart_workers(machine: Machine) -> str:
    """SIGUSR2: the workers, one at a time."""
    main, since = machine.show("MainPID"), machine.sh("date '+%F %T'").strip()
    machine.systemctl("kill", "-s", "USR2", "--kill-who=main", "asterisk-router")
    until(lambda: "have been restarted" in machine.journal(f"--since={since}"), 20, "they were not restarted")
    demand(machine.show("MainPID") == main, "the keeper is another one")
    return ""


def restart(machine: Machine) -> str:
    """All at once; the sockets that systemd keeps hold the calls."""
    machine.systemctl("restart", "asterisk-router")
    return ""


def stop(machine: Machine) -> str:
    """Stopped, its sockets are gone: calls are refused, and at their default at once, until it is started."""
    machine.systemctl("stop", UNIT)
    demand_kept(machine, 0)
    time.sleep(1)
    machine.systemctl("start", UNIT)
    return ""


def killed_while_shut(machine: Machine) -> str:
    """SIGKILL to all of it while its door is shut, as under overload: refused until it begins again, then opened."""
    before = machine.show("MainPID")
    machine.systemctl("kill", "-s", "STOP", UNIT)  # else it would open it at once
    demand(machine.run("python3", "-c", SHUT, before).stdout.split() == ["shut"], "there was no door to shut")
    machine.systemctl("kill", "-s", "KILL", UNIT)
    until(lambda: answers_anew(machine, before), 10, "it did not come back")
    return ""


def elsewhere(machine: Machine) -> str:
    """Another address at the same port, and back: what systemd keeps does not stand in the way."""
    setting, place = "ASTERISK_ROUTER_LISTEN=0.0.0.0:4573", f"{CONFIG}/environment"
    for change, listens in ((f"echo {setting} >> {place}", "0.0.0.0"), (f"sed -i /^{setting}/d {place}", "127.0.0.1")):
        machine.sh(change)
        machine.systemctl("restart", UNIT)
        there = machine.sh("ss -Hltn | awk '$4 ~ /:4573$/ {print $4}'").split()
        demand(there == [f"{listens}:4573"], f"listens on {there}")
        demand_kept(machine, KEPT - 1, KEPT)
    return "listens where it is told to, both times"


def with_socket_unit(machine: Machine) -> str:
    """`install --socket-unit`, for who wants it."""
    machine.systemctl("stop", UNIT)
    machine.run("asterisk-router", "install", "--socket-unit", "--apply")
    machine.systemctl("daemon-reload")
    machine.systemctl("enable", "--now", SOCKET_UNIT, UNIT)
    demand_kept(machine, 0)
    return under_calls(both_with_socket_unit)(machine)


def both_with_socket_unit(machine: Machine) -> str:
    """Restarted, its calls wait; stopped, it is started by the next call."""
    machine.systemctl("restart", UNIT)
    machine.systemctl("stop", UNIT)
    took_s = until(lambda: machine.show("ActiveState") == "active", 10, "no call started it")
    return f"restarted; stopped, and started by a call, answering after {took_s:.1f} s"


def without_socket_unit(machine: Machine) -> str:
    """An upgrade from sockets of systemd's to its own."""
    machine.run("asterisk-router", "install", "--apply")
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", UNIT)
    demand_kept(machine, KEPT - 1, KEPT)
    return ""


def killed(machine: Machine) -> str:
    """SIGKILL to all of it."""
    before = machine.show("MainPID")
    machine.systemctl("kill", "-s", "KILL", "asterisk-router.service")
    until(lambda: answers_anew(machine, before), 10, "it did not come back")
    return ""


def worker_killed(machine: Machine) -> str:
    """SIGKILL to one worker: the keeper starts another."""
    main = machine.show("MainPID")
    machine.sh(f"kill -KILL $(cat /proc/{main}/task/{main}/children | cut -d ' ' -f 1)")
    since = machine.sh("date '+%F %T'").strip()
    until(lambda: "has ended with -9" in machine.journal(f"--since={since}", "--priority=err"), 5, "nothing was said")
    time.sleep(2)
    demand(machine.show("MainPID") == main, "the keeper is another one")
    return ""


def keeper_frozen(machine: Machine) -> str:
    """SIGSTOP to the keeper: its workers answer on, until the watchdog ends it and another begins."""
    before = machine.show("MainPID")
    machine.sh(f"kill -STOP {before}")
    took_s = until(lambda: answers_anew(machine, before), WATCHDOG_S, "the watchdog did nothing")
    return f"another after {took_s:.0f} s"


def alone(machine: Machine) -> str:
    """One process without a keeper (`--workers 0`), and frozen: systemd alone watches it."""
    set_to(machine, "ASTERISK_ROUTER_WORKERS", "0")
    machine.systemctl("restart", "asterisk-router")
    before = machine.show("MainPID")
    machine.sh(f"kill -STOP {before}")
    took_s = until(lambda: answers_anew(machine, before), WATCHDOG_S, "the watchdog did nothing")
    return f"`--workers 0`, frozen: killed and another begins after {took_s:.0f} s"


def two_workers(machine: Machine) -> str:
    """Two workers; one of them is frozen, and the other answers."""
    set_to(machine, "ASTERISK_ROUTER_WORKERS", "2")
    machine.systemctl("restart", "asterisk-router")
    demand(machine.show("StatusText").startswith("2 of 2"), machine.show("StatusText"))
    return machine.show("StatusText")


def broken_policy(machine: Machine) -> str:
    """A policy with a fault: reload says so, a restart goes on with the last good one, the doctor is red."""
    machine.sh(f"cp {CONFIG}/policy.toml /root/policy.toml; echo 'broken = [' >> {CONFIG}/policy.toml")
    refused = machine.systemctl("reload", "asterisk-router", check=False)
    demand(refused.returncode != 0, "systemctl reload said nothing of it")
    machine.systemctl("restart", "asterisk-router")
    demand("THE POLICY CANNOT BE USED" in machine.journal("--priority=crit"), "journalctl -p crit does not show it")
    red = {each["about"] for each in machine.doctor() if each["state"] == "red"}
    demand({"policy", "daemon"} <= red, f"the doctor is red on {red}")
    machine.sh(f"cat /root/policy.toml > {CONFIG}/policy.toml")
    took_s = until(lambda: all(each["state"] != "red" for each in machine.doctor()), 10, "the doctor stays red")
    return f"`reload` refused, last good policy after a restart; mended, in force within {took_s:.0f} s"


def redis_by(url: str) -> Callable[[Machine], str]:
    """The callers are in the machine's own Redis, reached as `url` says."""

    def done(machine: Machine) -> str:
        set_to(machine, "ASTERISK_ROUTER_REDIS", url)
        machine.systemctl("restart", "asterisk-router")
        machine.run("asterisk-router", "tag", "add", "+12025550108", "partner", "--evidence", "contract")
        until(lambda: not red_of(machine), 10, "the doctor stays red")
        return "`tag add` by root is where the service looks; the doctor finds nothing red"

    return done


def seeded(machine: Machine) -> str:
    """Mistakes with files and units: each is red, and green after what the doctor says."""
    mistakes = {
        "secrets": (f"chmod o+r {CONFIG}/environment", f"chmod o-rwx {CONFIG}/environment"),
        "state directory": (f"chmod g+w {STATE}", f"chmod go-w {STATE}"),
        "port": (f"systemctl stop {UNIT}", f"systemctl start {UNIT}"),
        "redis": ("systemctl stop redis-server", "systemctl start redis-server"),
        "redis eviction": (
            "redis-cli config set maxmemory 100mb maxmemory-policy allkeys-lru",
            "redis-cli config set maxmemory 0 maxmemory-policy noeviction",
        ),
        "redis role": ("redis-cli replicaof 127.0.0.1 1", "redis-cli replicaof no one"),
    }
    for about, (mistake, remedy) in mistakes.items():
        machine.sh(mistake)
        until(lambda: about in red_of(machine), 10, f"{about} is not red after {mistake}")  # noqa: B023
        machine.sh(remedy)
        until(lambda: not red_of(machine), 15, f"the doctor stays red after {remedy}")
    return f"{len(mistakes)} mistakes, each red: {', '.join(mistakes)}; green after the remedy"


def readable(machine: Machine) -> str:
    """The journal: priorities, no second time of day, no number of a caller whole."""
    said = machine.journal()
    demand("4212555" not in said.replace("4212555****", ""), "a number of a caller stands there whole")
    demand(not re.search(r"(?m)^\d{4}-\d\d-\d\d ", said), "lines begin with a second time of day")
    denied = [line for line in said.splitlines() if "not permitted" in line or "Permission denied" in line]
    demand(not denied, "\n".join(denied))
    worse = machine.journal("--priority=err").splitlines()
    return f"{len(said.splitlines())} lines, {len(worse)} of them of priority err or worse; nothing was denied"


def uninstall(machine: Machine) -> str:
    """Refused while the service is enabled; then gone but for what it says."""
    refused = machine.run("asterisk-router", "uninstall", "--apply", check=False)
    demand(refused.returncode == 1 and "disable --now" in refused.stderr, refused.stdout + refused.stderr)
    machine.systemctl("disable", "--now", UNIT)
    kept = [line for line in machine.run("asterisk-router", "uninstall").stdout.splitlines() if "  keep " in line]
    machine.run("asterisk-router", "uninstall", "--apply")
    machine.systemctl("daemon-reload")
    left = machine.sh(
        "find /etc -type f -exec md5sum {} + | sort -k 2 | diff /root/before - | awk '/^[<>]/ {print $3}' | sort -u"
    ).split()
    users = {
        f"/etc/{name}{end}"
        for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
        for end in ("", "-")
    }
    edited = {line.split()[1] for line in kept}
    demand(set(left) - users == edited, f"left: {set(left) - users}, said: {edited}")
    demand(machine.show("LoadState") == "not-found", "systemd still knows the unit")
    demand("asterisk-router" not in machine.sh("ps -eo args || true; cat /proc/*/comm 2>/dev/null"), "something runs")
    return f"left: {', '.join(sorted(edited))} (edited), the user, {STATE}"


def answers_anew(machine: Machine, before: str) -> bool:
    """Whether another process than `before` answers."""
    return machine.show("ActiveState") == "active" and machine.show("MainPID") not in ("0", before)


def red_of(machine: Machine) -> set[str]:
    """What the doctor finds red."""
    return {each["about"] for each in machine.doctor() if each["state"] == "red"}


def demand_kept(machine: Machine, *counts: int) -> None:
    """Raises RuntimeError where systemd keeps another number of sockets for the service.

    One less than all where it listens anew at a port at which calls came: the kernel may remember their connections,
    and the one that keeps the port is then left to a later start.
    """
    kept = int(machine.show("NFileDescriptorStore"))
    demand(kept in counts, f"systemd keeps {kept} sockets, not {counts}")


def set_to(machine: Machine, name: str, value: str) -> None:
    """Write a setting of the service down."""
    machine.sh(
        f"sed -i 's|^{name}=.*|{name}={value}|' {CONFIG}/environment; grep -q '^{name}={value}$' {CONFIG}/environment"
    )


STEPS: Final[dict[str, Callable[[Machine], str]]] = {
    "`asterisk-router install`": plan,
    "`install --apply`, twice": install,
    "a command by root before the first start": early,
    "`systemctl enable --now`": start,
    "`systemd-analyze security`": exposure,
    "`doctor`": well,
    "a call through Asterisk": through_asterisk,
    "calls alone": quiet,
    "`systemctl reload`": under_calls(reload),
    "SIGUSR2: the workers one at a time": under_calls(restart_workers),
    "`systemctl restart`": under_calls(restart),
    "`systemctl stop`, `start`": under_calls(stop, 2 * IN_HAND, may_be_refused=True),
    "SIGKILL to the service": under_calls(killed, IN_HAND),
    "SIGKILL to the service while its door is shut": under_calls(killed_while_shut, 2 * IN_HAND, may_be_refused=True),
    "SIGKILL to the worker": under_calls(worker_killed, IN_HAND),
    "SIGSTOP to the keeper": under_calls(keeper_frozen, IN_HAND),
    "a policy with a fault": under_calls(broken_policy),
    "Redis over TCP": redis_by("redis://127.0.0.1/0"),
    "two workers": under_calls(two_workers),
    "two workers, SIGUSR2": under_calls(restart_workers),
    "two workers, `systemctl restart`": under_calls(restart),
    "one process alone, SIGSTOP": under_calls(alone),
    "another address, and back": under_calls(elsewhere, 2 * IN_HAND, may_be_refused=True),
    "`install --socket-unit`": with_socket_unit,
    "an upgrade from that": under_calls(without_socket_unit, 2 * IN_HAND, may_be_refused=True),
    "mistakes with files and units": seeded,
    "the journal": readable,
    "`uninstall --apply`": uninstall,
}
"""Every step, in this order."""


def play(machine: Machine) -> Iterator[Row]:
    """Do every step that the machine has the parts for; one that fails ends nothing but itself."""
    for name, step in STEPS.items():
        if step is through_asterisk and not machine.has_pbx:
            continue
        try:
            yield Row(name, step(machine), True)
        except RuntimeError as failed:
            yield Row(name, str(failed), False)
