"""Where Asterisk asks, where the kernel may refuse calls for us, and what is kept for our next life."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asterisk_router.daemon.compose.doorway import doorway
from asterisk_router.daemon.service_manager import ServiceManager
from asterisk_router.doors.listeners import listen_tcp
from asterisk_router.errors import SettingsError
from asterisk_router.settings import Address, Settings
from tests.live.ports import free_port

from ..conftest import BLOCK, Daemon
from ..steady_calls import GUARD_S, SENTINEL, UNHEARD, SteadyCalls

HANDED_OVER = """
import os, sys
from pathlib import Path
from asterisk_router.daemon.compose.doorway import doorway
from asterisk_router.daemon.service_manager import ServiceManager
from asterisk_router.settings import Settings, parse_address
copies = [os.dup(int(each)) for each in sys.argv[4:]]
for place, copy in enumerate(copies, 3):
    os.dup2(copy, place)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(copies)), "LISTEN_FDNAMES": sys.argv[1]}
there = doorway(Settings(listen=parse_address(sys.argv[2]), agi_socket=Path(sys.argv[3])), ServiceManager())
print(len(there.listeners), len(there.refusing))
"""

BECOME = """
import fcntl, os, sys
given = [int(each) for each in sys.argv[2].split(",") if each]
copies = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 20) for each in given]
for each in given:
    os.close(each)
for place, copy in enumerate(copies, 3):
    os.dup2(copy, place)
if copies:
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(copies)), "LISTEN_FDNAMES": sys.argv[1]}
os.execv(sys.argv[3], sys.argv[3:])
"""
"""What a service manager does before it runs a service."""

LOOPBACK = "127.0.0.1"
A_SECOND = 50


class Keeper:
    """A service manager with a store of descriptors, as systemd is one: what it has already it does not take twice."""

    def __init__(self, place: Path) -> None:
        self.kept: list[tuple[str, socket.socket]] = []
        self.daemons: list[Daemon] = []
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(place / "notify"))
        self._state = place / "state"
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            text, descriptors, _, _ = socket.recv_fds(self.told, 4096, 8)
            said = dict(line.split("=", 1) for line in text.decode().splitlines())
            if "END" in said:
                return
            if said.get("FDSTOREREMOVE") == "1":
                for each in [each for each in self.kept if each[0] == said["FDNAME"]]:
                    self.kept.remove(each)
                    each[1].close()
            for descriptor in descriptors:
                assert (said["FDSTORE"], said["FDPOLL"]) == ("1", "0"), "systemd drops what it finds shut"
                there = [os.fstat(each.fileno()).st_ino for _, each in self.kept]
                if os.fstat(descriptor).st_ino in there:
                    os.close(descriptor)
                else:
                    self.kept.append((said["FDNAME"], socket.socket(fileno=descriptor)))
            if "READY" in said:
                self._ready.set()

    def start(self, *options: str) -> Daemon:
        """Start a daemon with all that is kept, and wait until it is ready."""
        self._ready.clear()
        handed = [each.fileno() for _, each in self.kept]
        names = ":".join(name for name, _ in self.kept)
        command = [sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--policy", "shop", *options]
        process = subprocess.Popen(
            [sys.executable, "-c", BECOME, names, ",".join(map(str, handed)), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=handed,
            env=os.environ | {"NOTIFY_SOCKET": self.told.getsockname(), "ASTERISK_ROUTER_STATE_DIR": str(self._state)},
        )
        self.daemons.append(Daemon(process))
        assert self._ready.wait(60), self.daemons[-1].log
        return self.daemons[-1]

    def named(self) -> dict[str, socket.socket]:
        """What is kept, by name."""
        assert len(dict(self.kept)) == len(self.kept)
        return dict(self.kept)

    @property
    def script_socket(self) -> Path:
        """Where the AGI script asks."""
        return self._state / "agi.sock"

    def end(self) -> None:
        """End everything."""
        for one in self.daemons:
            one.process.kill()
            one.put_away()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.sendto(b"END=1", self.told.getsockname())
        self._reader.join(60)
        for opened in (self.told, *(each for _, each in self.kept)):
            opened.close()


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    keeper = Keeper(tmp_path)
    yield keeper
    keeper.end()


ALONE = ("--redis", "embedded-process")


@pytest.fixture(params=["one process", "two workers"])
def form(request: pytest.FixtureRequest) -> Any:
    """Options of a daemon of either form."""
    if request.param == "one process":
        return ALONE
    return ("--redis", f"unix://{request.getfixturevalue('redis_socket')}", "--workers", "2")


def ring(place: tuple[str, int] | Path) -> Callable[[], bytes]:
    """Ring and say everything; what is returned reads the answer."""
    client = socket.socket(socket.AF_UNIX if isinstance(place, Path) else socket.AF_INET)
    client.settimeout(60)
    client.connect(str(place) if isinstance(place, Path) else place)
    client.sendall(BLOCK)

    def heard() -> bytes:
        with client:
            return b"".join(iter(lambda: client.recv(65536), b""))

    return heard


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), listen=Address(LOOPBACK, 0), state_dir=tmp_path)


def test_the_kernel_refuses_for_us_at_our_own_port_and_nowhere_else(settings: Settings) -> None:
    there = doorway(settings, ServiceManager({}))
    assert [listener.family for listener in there.listeners] == [socket.AF_INET, socket.AF_UNIX]
    assert there.refusing == there.listeners[:1], "a unix socket that was shut never opens again"
    there.close()
    assert there.script_socket is not None
    assert not there.script_socket.exists()


def test_a_socket_handed_over_is_not_ours_to_shut(settings: Settings) -> None:
    with socket.create_server((LOOPBACK, 0)) as others:
        assert handed_over(settings, "asterisk-router.socket", others) == "1 0\n"


def test_one_that_was_kept_for_us_is(settings: Settings) -> None:
    there = doorway(settings, ServiceManager({}))
    assert there.port_keeper is not None
    port, unix = there.listeners
    at_its_port = replace(settings, listen=Address(*port.getsockname()))
    kept = {"own-tcp": port, "own-port-keeper": there.port_keeper, "own-script": unix}
    assert handed_over(at_its_port, ":".join(kept), *kept.values()) == "2 1\n"
    there.close()


def test_where_a_socket_unit_hands_over_what_was_kept_before_it_is_let_go(keeper: Keeper, settings: Settings) -> None:
    with socket.create_server((LOOPBACK, 0)) as others:
        keeper.kept.append(("own-tcp", listen_tcp(LOOPBACK, 0)))
        environment = {"NOTIFY_SOCKET": keeper.told.getsockname()}
        both = (others, keeper.kept[0][1])
        assert handed_over(settings, "asterisk-router.socket:own-tcp", *both, **environment) == "1 0\n"
    keeper.start(*ALONE, "--listen", f"{LOOPBACK}:0")  # it is told after that
    assert keeper.named()["own-tcp"].getsockname()[1] == keeper.daemons[0].port


def handed_over(settings: Settings, names: str, *sockets: socket.socket, **environment: str) -> str:
    """How many sockets a daemon has that inherits these, and how many it may shut."""
    fds = [each.fileno() for each in sockets]
    command = [sys.executable, "-c", HANDED_OVER, names, str(settings.listen), str(settings.script_socket)]
    command += map(str, fds)
    done = subprocess.run(command, pass_fds=fds, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL], ids=["told to end", "killed"])
def test_who_calls_between_two_lives_waits_in_our_own_sockets(keeper: Keeper, form, sign: signal.Signals) -> None:
    place = f"{LOOPBACK}:{free_port()}"
    first = keeper.start(*form, "--listen", place)
    assert set(keeper.named()) == {"own-tcp", "own-port-keeper", "own-script"}
    before = {name: os.fstat(each.fileno()).st_ino for name, each in keeper.kept}
    first.signal(sign)
    assert first.wait() == (0 if sign == signal.SIGTERM else -sign)
    waiting = [ring((LOOPBACK, first.port)), ring(keeper.script_socket)]
    second = keeper.start(*form, "--listen", place)
    assert second.said == first.said
    assert all(heard().endswith(SENTINEL) for heard in waiting)
    assert {name: os.fstat(each.fileno()).st_ino for name, each in keeper.kept} == before


def test_restarts_under_calls_refuse_nobody_and_cut_nobody_off(keeper: Keeper, form) -> None:
    """Nor turn any away unheard, as one does that stood still; of three rounds the machine may disturb two."""
    place = f"{LOOPBACK}:{free_port()}"
    keeper.start(*form, "--listen", place)
    assert any(all(heard for heard in heard_under_restarts(keeper, form, place)) for _ in range(3))


def heard_under_restarts(keeper: Keeper, form: tuple[str, ...], place: str) -> list[bytes]:
    """What those calls heard that did not leave at their guard: all of an answer, or nothing."""
    with SteadyCalls(keeper.daemons[-1].port, A_SECOND, GUARD_S) as steady:
        for _ in range(3):
            keeper.daemons[-1].signal(signal.SIGTERM)
            assert keeper.daemons[-1].wait() == 0
            keeper.start(*form, "--listen", place)
        time.sleep(1)
    assert {call.fault for call in steady.calls} <= {"", UNHEARD}, "or they left at their guard"
    heard = [call.heard for call in steady.calls if not call.fault]
    assert all(each.count(SENTINEL) == 1 for each in heard if each), "cut off"
    assert not all(call.fault for call in steady.calls[-A_SECOND:])
    return heard


def test_a_door_that_was_shut_when_we_were_killed_keeps_its_port_and_opens_again(keeper: Keeper, form) -> None:
    place = f"{LOOPBACK}:{free_port()}"
    first = keeper.start(*form, "--listen", place)
    first.signal(signal.SIGKILL)
    first.wait()
    for _ in range(2):  # two workers, of whom one came a moment after the other
        with suppress(OSError):
            keeper.named()["own-tcp"].shutdown(socket.SHUT_RD)
    with pytest.raises(ConnectionRefusedError):
        ring((LOOPBACK, first.port))
    with pytest.raises(SettingsError):
        listen_tcp(LOOPBACK, first.port)
    second = keeper.start(*form, "--listen", place)
    assert second.call().endswith(SENTINEL)


@pytest.mark.parametrize("to", ["another port", "all addresses"])
def test_at_another_address_the_old_one_is_let_go(keeper: Keeper, to: str) -> None:
    first = keeper.start(*ALONE, "--listen", f"{LOOPBACK}:{free_port()}")
    assert first.call().endswith(SENTINEL)  # a connection that the kernel remembers
    first.signal(signal.SIGTERM)
    first.wait()
    host, port = (LOOPBACK, free_port()) if to == "another port" else ("0.0.0.0", first.port)
    keeper.start(*ALONE, "--listen", f"{host}:{port}")
    assert keeper.named()["own-tcp"].getsockname() == keeper.named()["own-port-keeper"].getsockname() == (host, port)
    assert ring((LOOPBACK, port))().endswith(SENTINEL)
    if port != first.port:
        with pytest.raises(ConnectionRefusedError):
            ring((LOOPBACK, first.port))


def test_a_port_that_could_not_be_kept_in_one_life_is_kept_in_the_next(keeper: Keeper) -> None:
    place = f"{LOOPBACK}:{free_port()}"
    first = keeper.start(*ALONE, "--listen", place)
    assert first.call().endswith(SENTINEL)
    first.signal(signal.SIGTERM)
    first.wait()
    lost = next(each for each in keeper.kept if each[0] == "own-port-keeper")
    keeper.kept.remove(lost)
    lost[1].close()
    keeper.start(*ALONE, "--listen", place)
    assert set(keeper.named()) == {"own-tcp", "own-port-keeper", "own-script"}


def test_a_script_socket_that_was_removed_is_made_anew(keeper: Keeper) -> None:
    place = f"{LOOPBACK}:{free_port()}"
    first = keeper.start(*ALONE, "--listen", place)
    first.signal(signal.SIGTERM)
    first.wait()
    keeper.script_socket.unlink()
    keeper.start(*ALONE, "--listen", place)
    assert ring(keeper.script_socket)().endswith(SENTINEL)
    assert set(keeper.named()) == {"own-tcp", "own-port-keeper", "own-script"}
