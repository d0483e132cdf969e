"""A start with anything broken around the daemon: it answers, and finds what comes later."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router.policy.load import files_of

SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
ANSWERING_S = 1.0
"""How soon a daemon answers, whatever is broken around it: the limit this product sets itself."""


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts and never says a word, as whoever is frozen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def policy(daemon, tmp_path: Path, until) -> Path:
    """A policy file that was in force, and is kept."""
    file = tmp_path / "policy.toml"
    file.write_bytes(files_of("shop")[-1].read_bytes())
    before = daemon(policy=file)
    until(lambda: (tmp_path / "state" / "policy" / "history").exists())
    before.process.terminate()
    assert before.wait() == 0
    return file


def test_with_any_of_them_broken_it_answers_within_a_second(
    daemon, policy: Path, silent: int, redis_socket: Path
) -> None:
    good = policy.read_bytes()
    redis = (f"unix://{redis_socket}", f"redis://127.0.0.1:{silent}")
    ami = ("", f"ami://router:secret@127.0.0.1:{silent}/berlin ami://router:secret@127.0.0.1:1/bonn")
    ari = ("", f"ari://router:secret@127.0.0.1:{silent}/one ari://router:secret@127.0.0.1:1/two")
    took = []
    for bad in itertools.product((False, True), repeat=3):
        policy.write_bytes(b"[policy\n" if bad[0] else good)
        began_s = time.monotonic()
        router = daemon(policy=policy, redis=redis[bad[1]], ami=ami[bad[2]], ari=ari[bad[2]])
        said = router.call()
        took.append(time.monotonic() - began_s)
        assert said.endswith(SENTINEL), bad
        assert b'ROUTER_POLICY "shop-' in said
        assert b'ROUTER_DEGRADED "1"' in said or not bad[1]
        assert ("THE POLICY CANNOT BE USED" in router.log) == bad[0]
        router.process.kill()
        router.wait()
    print(f"answering after {took[0]:.2f} s with nothing broken, {min(took[1:]):.2f} to {max(took):.2f} s else")
    assert max(took) < ANSWERING_S + 2 * took[0], "a machine that runs other tests beside takes its time over any start"


def test_a_policy_mended_after_such_a_start_is_in_force(daemon, policy: Path, until) -> None:
    good = policy.read_text()
    policy.unlink()
    router = daemon(policy=policy)
    before = router.call()
    assert before.endswith(SENTINEL) and "THE POLICY CANNOT BE USED" in router.log
    policy.write_text(good.replace('name = "shop"', 'name = "mended"', 1))
    until(lambda: b'ROUTER_POLICY "mended-' in router.call())


def test_without_a_state_directory_it_answers_too(daemon, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    for redis in ("embedded-process", "embedded"):
        said = daemon(redis=redis).call()
        assert said.endswith(SENTINEL)
