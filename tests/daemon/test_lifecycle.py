"""The life of the daemon, as a process with real sockets and a real Redis."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.daemon.conftest import BLOCK
from tests.doors.conftest import read_to_the_end, ring
from tests.live.ports import free_port, is_refused

SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
SETTLED = "numbers of every kind are read at once"


def answered(router: Any, until: Any) -> bytes:
    """The first answer Redis had its part in: on a machine busy with other tests it may miss its 20 ms now and then.

    The answers before it are answers all the same.
    """
    said: list[bytes] = []

    def is_whole() -> bool:
        said.append(router.call())
        assert said[-1].endswith(SENTINEL)
        return b'ROUTER_DEGRADED "0"' in said[-1]

    until(is_whole)
    assert all(b'ROUTER_DEGRADED "1"' in late for late in said[:-1])
    return said[-1]


def test_it_says_where_it_listens_answers_and_stops_when_told(
    daemon, redis_socket: Path, tmp_path: Path, until
) -> None:
    router = daemon(redis=f"unix://{redis_socket}")
    script_socket = tmp_path / "state" / "agi.sock"
    assert router.said == f"asterisk-router listening on 127.0.0.1:{router.port} and {script_socket}\n"
    assert b'ROUTER_NUMBER "+42125550100"' in answered(router, until)
    with socket.socket(socket.AF_UNIX) as script:
        script.connect(str(script_socket))
        script.sendall((Path(__file__).parents[1] / "recorded" / "script.agi").read_bytes())
        assert script.recv(65536).endswith(SENTINEL)
    router.signal(signal.SIGTERM)
    assert router.wait() == 0
    assert not script_socket.exists()
    assert "Traceback" not in router.log


def test_a_call_is_remembered_by_the_next_one(daemon, redis_socket: Path, until) -> None:
    router = daemon(redis=f"unix://{redis_socket}")
    first = router.call()
    assert b'ROUTER_CLASS "prospect-new"' in first
    until(lambda: b'ROUTER_CLASS "prospect-again"' in router.call())


def test_without_redis_it_starts_and_answers_degraded_and_finds_it_later(daemon, start_redis, tmp_path, until) -> None:
    router = daemon(redis=f"unix://{tmp_path / 'late.sock'}")
    said = router.call()
    assert said.endswith(SENTINEL)
    assert b'ROUTER_DEGRADED "1"' in said
    start_redis(tmp_path / "late.sock")
    until(lambda: b'ROUTER_DEGRADED "0"' in router.call())


def test_what_can_wait_is_loaded_with_the_door_open_and_then_the_collector_runs() -> None:
    program = (
        "import asyncio, gc, sys\n"
        "from asterisk_router.daemon.lifecycle import settle\n"
        "gc.disable()\n"
        "before = 'phonenumbers' in sys.modules\n"
        "asyncio.run(settle())\n"
        "print(before, 'phonenumbers' in sys.modules, gc.isenabled(), gc.get_freeze_count() > 0)\n"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False True True True\n"


BUSY_BESIDE = """
import threading, time
from pathlib import Path
def work():
    while not Path({go!r}).exists():
        time.sleep(0.01)
    while True:
        pass
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
"""
PYTHONS_OWN_PACE = "import sys; sys.setswitchinterval = lambda seconds: None\n"


@pytest.mark.alone
def test_threads_at_work_beside_the_calls_let_them_go_first(daemon, redis_socket: Path, tmp_path: Path, until) -> None:
    """As those that load a library or read a policy; against the same daemon at Python's own pace, in turns."""
    go = tmp_path / "go"
    routers = [
        daemon(redis=f"unix://{redis_socket}", before=pace + BUSY_BESIDE.format(go=str(go)))
        for pace in ("", PYTHONS_OWN_PACE)
    ]
    for router in routers:
        until(lambda router=router: SETTLED in router.log)
    go.touch()
    took_s: list[list[float]] = [[], []]
    for _ in range(15):
        for router, mine_s in zip(routers, took_s, strict=True):
            began_s = time.monotonic()
            assert router.call(patience_s=30).endswith(SENTINEL)
            mine_s.append(time.monotonic() - began_s)
    ours_s, pythons_s = map(median, took_s)
    assert ours_s < pythons_s


def test_a_store_that_ends_with_the_daemon_is_warned_of(daemon, redis_socket: Path) -> None:
    for redis, warned in (("embedded-process", True), (f"unix://{redis_socket}", False)):
        running = daemon(redis=redis)
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
        assert ("forgotten when it ends" in running.log) is warned


def test_it_answers_though_nobody_can_be_told_that_it_listens(tmp_path: Path, until) -> None:
    """Its standard output is a file on a full disk."""
    port = free_port()
    place = ["--listen", f"127.0.0.1:{port}", "--state-dir", str(tmp_path), "--redis", "embedded-process"]
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--policy", "shop", *place]
    with open("/dev/full", "w") as full, subprocess.Popen(command, stdout=full, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            until(lambda: SETTLED.encode() in process.stderr.readline())
            with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
                client.sendall((Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes())
                assert client.makefile("rb").read().endswith(SENTINEL)
        finally:
            process.terminate()


def test_a_daemon_stopped_just_after_its_start_stops_in_order(daemon) -> None:
    router = daemon()
    router.signal(signal.SIGTERM)
    assert router.wait() == 0
    assert "Traceback" not in router.log and "stopping" in router.log


@contextmanager
def falling_silent(path: Path | None, replies: int) -> Iterator[str]:
    """The URL of a server that answers so many commands on each connection and then never again, as a frozen one."""

    def serve(connection: socket.socket) -> None:
        for _ in range(replies):
            if not connection.recv(65536):
                return
            connection.sendall(b"+PONG\r\n")

    def accept() -> None:
        with suppress(OSError):
            while True:
                accepted.append(listener.accept()[0])
                threading.Thread(target=serve, args=(accepted[-1],), daemon=True).start()

    accepted: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX if path else socket.AF_INET) as listener:
        listener.bind(str(path) if path else ("127.0.0.1", 0))
        listener.listen()
        if replies >= 0:
            threading.Thread(target=accept, daemon=True).start()
        yield f"unix://{path}" if path else f"redis://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in accepted:
        connection.close()


@pytest.mark.alone
@pytest.mark.parametrize("transport", ["unix", "tcp"])
@pytest.mark.parametrize("replies", [-1, 0, 1], ids=["never accepts", "never greets", "falls silent"])
def test_a_store_that_hangs_holds_up_neither_the_start_nor_a_call(daemon, tmp_path, transport, replies) -> None:
    """A store holds up every start alike; a machine that was somebody else's for a moment, one of three at the most."""
    with falling_silent(tmp_path / "r.sock" if transport == "unix" else None, replies) as url:
        tries = (in_time(daemon, url) for _ in range(3))
        assert any(tries), "the start within 4 s, and every call before the dialplan's guard"


def in_time(daemon, url: str) -> bool:
    """Whether a daemon starts far below what an act of a person waits for the store, and answers within the guard."""
    started_s = time.monotonic()
    router = daemon(redis=url)
    took_s = [time.monotonic() - started_s]
    for _ in range(20):
        called_s = time.monotonic()
        said = router.call()
        took_s.append(time.monotonic() - called_s)
        assert said.endswith(SENTINEL) and b'ROUTER_DEGRADED "1"' in said
    return took_s[0] < 4 and max(took_s[1:]) < 0.25


def called(router: Any) -> bytes:
    """What a caller hears who calls again when turned away unheard, having had no core to speak in time."""
    return next(filter(None, (router.call() for _ in range(3))), b"")


def test_a_thousand_calls_leave_no_descriptor_behind(daemon, redis_socket: Path, until) -> None:
    router = daemon(redis=f"unix://{redis_socket}")
    until(lambda: SETTLED in router.log)
    router.call()
    until(lambda: any(name.endswith(".journal") for name in router.descriptors()))
    threading.Event().wait(1)  # what is loaded late is loaded, and counts for no leak
    before = router.descriptors()
    with ThreadPoolExecutor(50) as callers:
        assert all(said.endswith(SENTINEL) for said in callers.map(lambda _: called(router), range(200)))
        memory_kb = router.rss_kb()
        assert all(said.endswith(SENTINEL) for said in callers.map(lambda _: called(router), range(1000)))
    until(lambda: router.descriptors() == before)
    assert router.rss_kb() - memory_kb < 1024


def test_with_no_descriptor_left_a_call_waits_and_the_daemon_does_not_spin(daemon, redis_socket: Path, until) -> None:
    router = daemon(redis=f"unix://{redis_socket}")
    until(lambda: SETTLED in router.log)
    router.call()
    until(lambda: any(name.endswith(".journal") for name in router.descriptors()))
    until(lambda: list((redis_socket.parent / "state" / "policy" / "daemons").glob("*.json")))
    threading.Event().wait(1)  # what is loaded late is loaded, what was written is read back
    seen = []
    for _ in range(60):  # work beside the calls opens a file now and then, and closes it
        seen.append({int(number) for number in os.listdir(f"/proc/{router.process.pid}/fd")})
        threading.Event().wait(0.02)
    kept = set.intersection(*seen)
    _, room = islice((number for number in count() if number not in kept), 2)  # the limit is of numbers: one is free
    resource.prlimit(router.process.pid, resource.RLIMIT_NOFILE, (room, room))
    with socket.create_connection(("127.0.0.1", router.port), timeout=30) as holder:
        holder.sendall(b"agi_network: yes\n")
        with ThreadPoolExecutor(1) as callers:
            waiting = callers.submit(router.call)
            threading.Event().wait(0.1)
            assert not waiting.done()
            holder.close()
            assert waiting.result(60).endswith(SENTINEL)
    assert router.call().endswith(SENTINEL)


def test_a_call_at_hand_is_finished_before_it_stops(daemon, redis_socket: Path) -> None:
    router = daemon(redis=f"unix://{redis_socket}")
    block = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()
    with socket.create_connection(("127.0.0.1", router.port), timeout=30) as client:
        client.sendall(block[:100])
        router.call()  # so the first part has been read
        router.signal(signal.SIGTERM)
        threading.Event().wait(0.02)
        client.sendall(block[100:])
        heard = b""
        while data := client.recv(65536):
            heard += data
    assert heard.endswith(SENTINEL)
    assert router.wait() == 0


STANDS_STILL_ONCE_SHUT = """
import os, signal
from asterisk_router.doors.shutter import Shutter
crowded = Shutter.crowded
def crowded_and_still(self, pump, descriptor):
    shut = crowded(self, pump, descriptor)
    if shut:
        os.kill(os.getpid(), signal.SIGSTOP)
    return shut
Shutter.crowded = crowded_and_still
"""


def test_a_daemon_frozen_and_killed_while_its_door_is_shut_keeps_no_caller_and_leaves_the_port_to_the_next(
    daemon, until
) -> None:
    router = daemon(before=STANDS_STILL_ONCE_SHUT)
    router.call()
    router.signal(signal.SIGSTOP)
    until(lambda: _state(router) == "T")
    clients = ring(("127.0.0.1", router.port), BLOCK, 400)
    router.signal(signal.SIGCONT)
    until(lambda: is_refused(router.port))
    until(lambda: _state(router) == "T")
    assert is_refused(router.port), (
        "frozen with its door shut, callers are at their default at once, not after the guard"
    )
    router.signal(signal.SIGKILL)
    router.wait()
    assert is_refused(router.port)
    for heard in map(read_to_the_end, clients):
        assert not heard or heard.endswith(SENTINEL), "a whole answer or none, which is the default"
    another = daemon(port=router.port)
    assert another.port == router.port and another.call().endswith(SENTINEL)


def _state(router: Any) -> str:
    """The state of its process as proc(5) writes it."""
    return Path(f"/proc/{router.process.pid}/stat").read_text().rpartition(") ")[2][0]


def test_a_policy_that_cannot_be_used_ends_the_start_with_its_faults(daemon, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[[classify]]\nname = 1\n")
    router = daemon(policy=bad)
    assert router.said == ""
    assert router.wait() != 0
    assert f"{bad}:" in router.log
