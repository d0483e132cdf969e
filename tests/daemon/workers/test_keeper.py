"""Several workers on one socket, as processes, with calls coming in all the while."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import read_to_the_end, ring
from tests.live.ports import is_refused

from ..conftest import BLOCK, Daemon
from ..steady_calls import SteadyCalls

CALLS_A_SECOND = 200
SOAK = bool(os.environ.get("ASTERISK_ROUTER_SOAK_S"))
RESTARTS = 50 if SOAK else 3
RELOAD_S = 0.1
PATIENCE_S = 5 if SOAK else 30
"""Of a call: in the short form its own machine may be without a core for seconds."""

GENERATION = """
[policy]
name = "generation"
[numbering]
country = "SK"
[queues]
g{n} = {{ meaning = "Generation {n}." }}
[branches]
default = {{ meaning = "Without a decision." }}
g{n} = {{ meaning = "Generation {n}." }}
[classes]
g{n} = {{ branch = "g{n}", queue = "g{n}", greeting = "router/g{n}" }}
default = {{ branch = "default", queue = "g{n}" }}
[[classify]]
name = "g{n}"
class = "g{n}"
"""
"""A policy every part of whose answer tells which one it is."""


class Keeper(Daemon):
    """A daemon of several workers."""

    def workers(self) -> list[int]:
        """Their process IDs."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


@pytest.fixture
def keeper(tmp_path: Path, redis_socket: Path) -> Iterator[Any]:
    started: list[Keeper] = []

    def start(
        policy: Path | str = "shop",
        workers: int = 2,
        redis: str = f"unix://{redis_socket}",
        opens: bool = True,
        before: str = "",
    ) -> Keeper:
        """`before` is done in each of its processes before it serves."""
        patched = ["-c", f"{before}\nfrom asterisk_router.daemon.main import main\nmain()"]
        command = [sys.executable, *(patched if before else ["-m", "asterisk_router.daemon.main"])]
        command += ["serve", "--policy", str(policy)]
        command += ["--listen", "127.0.0.1:0", "--redis", redis, "--state-dir", str(tmp_path / "state")]
        process = subprocess.Popen(
            [*command, "--workers", str(workers)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(Keeper(process))
        assert bool(started[-1].port) is opens, started[-1].log
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
        one.put_away()


def write(policy: Path, generation: int) -> None:
    """Put a generation in place of the one before, as an editor does: at once."""
    new = policy.with_suffix(".new")
    new.write_text(GENERATION.format(n=generation))
    new.replace(policy)


@pytest.mark.alone
def test_restarts_and_reloads_under_load_fail_default_and_mix_no_call(keeper, tmp_path: Path, until) -> None:
    policy = tmp_path / "policy.toml"
    write(policy, 0)
    router = keeper(policy)
    generation = 0
    with SteadyCalls(router.port, CALLS_A_SECOND, patience_s=PATIENCE_S) as load:
        for restart in range(RESTARTS):
            router.signal(signal.SIGUSR2)
            while router.log.count("have been restarted") <= restart:
                generation += 1
                write(policy, generation)
                router.signal(signal.SIGHUP)
                time.sleep(RELOAD_S)
                assert router.process.poll() is None and "did not come" not in router.log, router.log
    print(f"\n{len(load.calls)} calls, {RESTARTS} restarts, {generation} reloads: {dict(load.fates())}")
    print("\n".join(line for line in router.log.splitlines() if re.search("stopping: .*,|goes to the default", line)))
    print(f"degraded: {sum(call.said('ROUTER_DEGRADED') == '1' for call in load.calls)}")
    print(f"longest: {max(call.took_s for call in load.calls) * 1000:.0f} ms")
    assert not any(fate.startswith("failed") for fate in load.fates()), "refused, cut off, or silent for good"
    version_of: dict[str, str] = {}
    for call in load.calls:
        mark = call.said("ROUTER_CLASS")
        if not call.heard:
            continue
        assert re.fullmatch(r"g\d+", mark), "not the default"
        assert call.said("ROUTER_BRANCH") == call.said("ROUTER_QUEUE") == mark
        assert call.said("ROUTER_GREETING") == f"router/{mark}"
        version = call.said("ROUTER_POLICY")
        assert version and version_of.setdefault(mark, version) == version
    assert len(set(version_of.values())) == len(version_of)
    until(lambda: b'ROUTER_CLASS "g%d"' % generation in router.call())
    if SOAK:  # in the short form other tests may starve client and workers for longer than the guard
        assert set(load.fates()) == {"routed"}


def test_a_worker_that_dies_or_freezes_is_replaced_while_the_other_answers(keeper, until) -> None:
    router = keeper()
    first, second = router.workers()
    until(lambda: router.log.count("numbers of every kind") == 2)
    os.kill(first, signal.SIGKILL)
    until(lambda: len(router.workers()) == 2 and first not in router.workers())
    until(lambda: router.log.count("numbers of every kind") == 3)
    os.kill(second, signal.SIGSTOP)
    until(lambda: "is frozen" in router.log)  # after five seconds
    until(lambda: second not in router.workers() and len(router.workers()) == 2)
    assert b"ROUTER_OK" in router.call()


def test_of_more_calls_than_the_workers_have_room_for_the_kernel_refuses_the_rest(keeper) -> None:
    router = keeper()
    for worker in router.workers():
        os.kill(worker, signal.SIGSTOP)
    clients = ring(("127.0.0.1", router.port), BLOCK, 900)
    for worker in router.workers():
        os.kill(worker, signal.SIGCONT)
    said = [read_to_the_end(client) for client in clients]
    assert 64 <= sum(heard.endswith(b'ROUTER_OK "1"\n') for heard in said) <= 512
    assert "the door was shut" in router.log and "0 calls were turned away" in router.log
    assert b"ROUTER_OK" in router.call(), "and it is open again"


ONE_STANDS_STILL_ONCE_SHUT = """
import os, signal
from asterisk_router.doors.shutter import Shutter
crowded = Shutter.crowded
def crowded_and_still(self, pump, descriptor):
    shut = crowded(self, pump, descriptor)
    if shut:
        try:
            os.close(os.open({mark!r}, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return shut
        os.kill(os.getpid(), signal.SIGSTOP)
    return shut
Shutter.crowded = crowded_and_still
"""


def test_a_door_shut_by_a_worker_that_then_freezes_or_dies_is_opened_by_the_others(
    keeper, tmp_path: Path, until
) -> None:
    router = keeper(before=ONE_STANDS_STILL_ONCE_SHUT.format(mark=str(tmp_path / "mark")))
    first, second = router.workers()
    for worker in (first, second):
        os.kill(worker, signal.SIGSTOP)
    clients = ring(("127.0.0.1", router.port), BLOCK, 400)
    os.kill(first, signal.SIGCONT)
    until((tmp_path / "mark").exists)
    until(lambda: is_refused(router.port))
    os.kill(second, signal.SIGCONT)  # it had nothing to do with it
    until(lambda: not is_refused(router.port))
    assert b"ROUTER_OK" in router.call()
    os.kill(first, signal.SIGKILL)
    assert all(not heard or heard.endswith(b'ROUTER_OK "1"\n') for heard in map(read_to_the_end, clients))
    until(lambda: len(router.workers()) == 2)
    assert b"ROUTER_OK" in router.call()


@pytest.mark.parametrize("count", [1, 2])
def test_workers_that_all_die_with_the_door_shut_leave_it_to_the_next_ones(
    keeper, tmp_path: Path, until, count: int
) -> None:
    router = keeper(before=ONE_STANDS_STILL_ONCE_SHUT.format(mark=str(tmp_path / "mark")), workers=count)
    workers = router.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    clients = ring(("127.0.0.1", router.port), BLOCK, 400)
    os.kill(workers[0], signal.SIGCONT)
    # killed between shutting and its mark, it would leave standing still to the next one, whom nobody kills
    until((tmp_path / "mark").exists)
    until(lambda: is_refused(router.port))
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    for client in clients:
        read_to_the_end(client)
    until(lambda: not is_refused(router.port))
    assert b"ROUTER_OK" in router.call()


def test_a_keeper_told_to_stop_leaves_no_worker_and_no_socket(keeper, tmp_path: Path) -> None:
    router = keeper()
    workers = router.workers()
    assert len(workers) == 2 and (tmp_path / "state" / "agi.sock").is_socket()
    router.signal(signal.SIGTERM)
    assert router.wait() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert not (tmp_path / "state" / "agi.sock").exists()
    assert "Traceback" not in router.log


def test_workers_whose_keeper_was_killed_end_by_themselves(keeper, until) -> None:
    router = keeper()
    workers = router.workers()
    router.signal(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_a_restart_whose_new_worker_does_not_come_to_answer_leaves_the_old_ones(keeper, until) -> None:
    router = keeper()
    workers = router.workers()
    router.signal(signal.SIGUSR2)
    until(lambda: len(router.workers()) == 3)
    os.kill((set(router.workers()) - set(workers)).pop(), signal.SIGKILL)
    until(lambda: "the old ones stay" in router.log)
    assert router.workers() == workers and b"ROUTER_OK" in router.call()


def test_a_new_worker_takes_no_call_before_it_knows_callers(keeper, redis_socket: Path, until) -> None:
    router = keeper(workers=1)
    (old,) = router.workers()
    subprocess.run(["redis-cli", "-s", str(redis_socket), "CLIENT", "PAUSE", "1500"], check=True, capture_output=True)
    router.signal(signal.SIGUSR2)
    until(lambda: len(router.workers()) == 2)
    os.kill(old, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        router.call(patience_s=0.5)  # the old one would have answered, degraded
    os.kill(old, signal.SIGCONT)
    until(lambda: old not in router.workers())
    assert b'ROUTER_DEGRADED "0"' in router.call()


def test_a_policy_that_never_could_be_used_ends_the_start_with_its_faults(keeper, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("nonsense")
    router = keeper(policy, opens=False)
    assert router.wait() == 1 and f"{policy}:1" in router.log


def test_workers_do_not_keep_the_callers_inside_one_of_them(keeper) -> None:
    router = keeper(redis="embedded-process", opens=False)
    assert router.wait() != 0 and "need a Redis" in router.log
