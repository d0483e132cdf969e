"""A policy takes another's place while calls go on, or changes nothing."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from asterisk_router.policy.load import files_of


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy file of this test: the shipped shop's."""
    path = tmp_path / "policy.toml"
    shutil.copy(files_of("shop")[-1], path)
    return path


def version_of(said: bytes) -> bytes:
    return said.split(b'ROUTER_POLICY "')[1].split(b'"')[0]


def test_a_saved_policy_is_in_force_without_a_signal(daemon, policy: Path, until) -> None:
    router = daemon(policy=policy)
    before = version_of(router.call())
    policy.write_text(policy.read_text() + "\n# another\n")
    until(lambda: version_of(router.call()) != before)


SAVED_BEHIND_THE_READER = """
import asterisk_router.policy.load as module
read, reads = module.load, []
def load(name):
    policy = read(name)
    reads.append(name)
    if len(reads) == 1:
        with open(name, "a") as file:
            file.write("\\n# saved while the daemon starts\\n")
    return policy
module.load = load
"""


def test_a_policy_saved_while_the_daemon_starts_is_in_force_too(daemon, policy: Path, until) -> None:
    router = daemon(policy=policy, before=SAVED_BEHIND_THE_READER)
    router.call()
    until(lambda: "read again" in router.log)
    assert policy.read_text().count("# saved while the daemon starts") == 1


def test_a_hangup_signal_reads_the_policy_again(daemon, policy: Path, until) -> None:
    router = daemon(policy=policy)
    router.call()
    router.signal(signal.SIGHUP)
    until(lambda: "read again" in router.log)
    assert router.process.poll() is None


def test_a_bad_policy_changes_nothing_and_is_reported_whole(daemon, policy: Path, until) -> None:
    router = daemon(policy=policy)
    before = version_of(router.call())
    good = policy.read_text()
    policy.write_text(good.replace("[[classify]]", '[[classify]]\nwho = 1\nwhenn = "x"', 1))
    until(lambda: "refused" in router.log)
    assert "who" in router.log
    assert "whenn" in router.log
    assert f"{policy}:" in router.log
    assert version_of(router.call()) == before
    policy.write_text(good + "\n# mended\n")
    until(lambda: version_of(router.call()) != before)


def test_a_policy_that_vanishes_leaves_the_one_in_force(daemon, policy: Path, until) -> None:
    router = daemon(policy=policy)
    before = version_of(router.call())
    policy.unlink()
    router.signal(signal.SIGHUP)
    until(lambda: "refused" in router.log)
    assert version_of(router.call()) == before
