"""The daemon's admin socket is no part of a call: whatever becomes of peers, admin server, daemon or Redis."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from asterisk_router.daemon.admin_server.server import MOST_OF_ONE
from tests.daemon.admin_server.conftest import Office, python_of
from tests.daemon.admin_server.test_server import ANNA, question
from tests.daemon.conftest import BLOCK

Until = Callable[[Callable[[], Any]], None]

WITHHELD = BLOCK.replace(b"%2B42125550100", b"anonymous")
"""A call whose number nobody keeps: each is answered as the one before."""

FLOOD = """
import os, socket, sys
said = [b"", b"{", b"x" * 40000, b"\\n", sys.argv[2].encode(), b"\\xff" * 100 + b"\\n"]
while True:
    for each in said:
        with socket.socket(socket.AF_UNIX) as peer:
            try:
                peer.connect(sys.argv[1])
                peer.sendall(each)
            except OSError:
                pass
"""
"""Connects and closes for ever, and says something of every kind meanwhile."""


@contextmanager
def flood(office: Office, account: str) -> Iterator[None]:
    command = [*python_of(account), "-S", "-c", FLOOD, str(office.socket), question().decode()]
    process = subprocess.Popen(command, cwd="/")
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def hangers(office: Office) -> Iterator[None]:
    """Peers of root that connect and say nothing, or a letter now and then."""
    with ExitStack() as stack:
        peers = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2 * MOST_OF_ONE)]
        for peer in peers:
            peer.connect(str(office.socket))
        ended = threading.Event()

        def drip() -> None:
            while not ended.wait(0.05):
                for peer in peers[::2]:
                    with suppress(OSError):
                        peer.send(b"{")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            yield
        finally:
            ended.set()
            dripping.join()


def answers(office: Office, calls: int = 60, what: str = "") -> set[bytes]:
    """What calls of nobody known are answered, one after the other; prints how long they took."""
    said, took_ms = set(), []
    for _ in range(calls):
        begun_s = time.perf_counter()
        said.add(office.started[-1].call(WITHHELD))
        took_ms.append((time.perf_counter() - begun_s) * 1000)
    if what:
        print(f"\n{what}: median {median(took_ms):.1f} ms, slowest of {calls} {max(took_ms):.1f} ms")
    return said


def test_who_floods_or_hangs_changes_no_answer_and_keeps_nobody_else_out(office: Office) -> None:
    answers(office, 5)
    calm = answers(office, what="nobody at the admin socket")
    assert len(calm) == 1 and b"ROUTER_BRANCH" in next(iter(calm))
    with flood(office, "lp"), hangers(office):
        assert answers(office, what="floods and hangs at the admin socket") == calm
        assert "done" in office.send_as("bin", question())[0]
    assert answers(office, 5) == calm


def test_what_was_asked_is_done_for_who_does_not_wait_for_the_answer(office: Office, until: Until) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(office.socket))
        peer.sendall(question())
    until(lambda: len(office.acts()) == 1)
    assert "done" in office.send_as("bin", question())[0]


def test_nobody_asks_and_no_process_waits_for_them(office: Office, until: Until) -> None:
    assert office.servers() == []
    assert "done" in office.send(question())
    assert len(office.servers()) == 1


def test_the_server_killed_in_an_act_is_told_and_the_next_one_answers(office: Office) -> None:
    assert "done" in office.send(question())
    (server,) = office.servers()
    with killed_in_an_act(office, server) as heard:
        pass
    assert heard == [{}], "who waited hears at once that nobody answers, and the command says what that means"
    assert "done" in office.send(question())


def test_who_asks_while_the_daemon_stands_still_without_a_server_is_answered_when_it_goes_on(office: Office) -> None:
    assert "done" in office.send(question())
    (server,), daemon = office.servers(), office.started[-1]
    daemon.signal(signal.SIGSTOP)
    try:
        os.kill(server, signal.SIGKILL)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(60)
            peer.connect(str(office.socket))
            peer.sendall(question())
            daemon.signal(signal.SIGCONT)
            assert "done" in json.loads(peer.makefile().readline())
    finally:
        daemon.signal(signal.SIGCONT)


def test_the_daemon_killed_takes_its_server_with_it_and_the_next_finds_the_place(office: Office, until: Until) -> None:
    assert "done" in office.send(question())
    (pid,) = office.servers()
    server = Path(f"/proc/{pid}")
    with killed_in_an_act(office, office.started[-1].process.pid) as heard:
        pass
    assert "fault" in heard[0], "the act at hand is ended as it came to be, and told"
    until(lambda: not server.exists() or "State:\tZ" in (server / "status").read_text())
    assert office.socket.exists(), "nobody was there to remove it"
    direct = office.command("games", "tag", "add", ANNA, "vip", "--redis", office.redis.tcp_url, "-v")
    assert (direct.returncode, "done by this command itself, as Eva Nagy" in direct.stderr) == (0, True), direct.stderr
    office.serve()
    until(office.answers)
    assert "done" in office.send_as("bin", question())[0]


@contextmanager
def killed_in_an_act(office: Office, pid: int) -> Iterator[list[dict[str, Any]]]:
    """An act that waits for Redis while the process is killed, and what who asked for it hears."""
    heard: list[dict[str, Any]] = []
    office.redis.freeze()
    try:
        asking = threading.Thread(target=lambda: heard.append(office.send(question())))
        asking.start()
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        asking.join()
    finally:
        office.redis.thaw()
    yield heard


def test_a_daemon_that_ends_leaves_no_socket(office: Office) -> None:
    office.started[-1].signal(signal.SIGTERM)
    assert office.started[-1].wait() == 0
    assert not office.socket.exists()


def test_a_second_daemon_takes_the_socket_over_when_the_first_ends(office: Office, until: Until) -> None:
    office.serve()
    office.started[0].signal(signal.SIGTERM)
    office.started[0].wait()
    until(office.answers)
    assert "done" in office.send(question())


def test_workers_come_and_go_and_whoever_asks_is_answered(empty_office: Office, until: Until) -> None:
    """The socket is their keeper's: it was away for a second at each restart."""
    office = empty_office
    daemon = office.serve(workers=1)
    until(office.answers)
    heard: list[dict[str, Any]] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            heard.append(office.send(question()))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for restarts in (1, 2):
            daemon.signal(signal.SIGUSR2)
            until(lambda restarts=restarts: daemon.log.count("have been restarted") >= restarts)
        os.kill(worker_of(office), signal.SIGKILL)
        until(lambda: "has ended with -9" in daemon.log)
        known = len(heard)
        until(lambda: len(heard) > known + 1)
    finally:
        ended.set()
        asking.join()
    assert all("done" in answer for answer in heard), [answer for answer in heard if "done" not in answer]
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0 and not office.socket.exists()


def worker_of(office: Office) -> int:
    """The process that answers calls, of a daemon of one worker."""
    (worker,) = (pid for pid in office.servers() if b"--workers" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return worker


def test_the_decoy_is_switched_off_beside_a_server_that_is_frozen(office: Office) -> None:
    assert "done" in office.send(question("decoy on", responsible="Eva Nagy"))
    (server,) = office.servers()
    os.kill(server, signal.SIGSTOP)
    try:
        begun_s = time.monotonic()
        said = office.command("daemon", "decoy", "off", "--redis", office.redis.tcp_url, "--json")
        assert (said.returncode, '"on": false' in said.stdout) == (0, True), said.stderr
        assert time.monotonic() - begun_s < 60, "an act is waited for longer"
        assert answers(office, 5)
    finally:
        os.kill(server, signal.SIGCONT)
