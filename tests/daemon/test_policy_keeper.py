"""What people are told of the policies at work, and what is kept of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from asterisk_router.daemon.policy_keeper import PolicyKeeper, PolicyReader
from asterisk_router.policy.load import files_of, load
from asterisk_router.store.daemon_notices import DaemonNotices
from asterisk_router.store.policy_versions import PolicyVersions


class Site:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "policy.toml"
        self.file.write_bytes(files_of("shop")[-1].read_bytes())
        self.state = folder / "state"
        self.versions = PolicyVersions(self.state)
        self.notices = DaemonNotices(self.state / "daemons")
        self.reader = PolicyReader(load, files_of, self.versions)
        self.in_force = SimpleNamespace(fault="", path=SimpleNamespace(policy=self.reader.load(str(self.file))))
        self.keeper = PolicyKeeper(
            self.reader, self.in_force, None, self.versions, self.notices,
            policy_file=self.file, shadow_file=None, shipped=False, besides=dict, clock=lambda: 7.0,
        )  # fmt: skip

    def look(self) -> None:
        asyncio.run(self.keeper.look())

    def read_again(self) -> None:
        self.in_force.path.policy = self.reader.load(str(self.file))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_every_version_in_force_is_kept_once(site: Site) -> None:
    site.look()
    site.look()
    first = site.file.read_bytes()
    site.file.write_bytes(first + b"\n# another\n")
    site.read_again()
    site.look()
    history = site.versions.history()
    assert [(entry.at_s, entry.act, entry.file) for entry in history] == [(7.0, "read", str(site.file))] * 2
    assert history[0].who == history[1].who != ""
    assert site.versions.content(history[0].content) == {"policy.toml": first}
    assert site.notices.read_all()[0]["policy_version"] == history[1].version == site.in_force.path.policy.version


def test_files_saved_while_they_were_read_are_not_kept_under_a_wrong_version(site: Site) -> None:
    def saved_meanwhile(name: str):
        policy = load(name)
        site.file.write_bytes(site.file.read_bytes() + b"\n# meanwhile\n")
        return policy

    site.reader = PolicyReader(saved_meanwhile, files_of, site.versions)
    assert site.reader.load(str(site.file)).version and site.reader.latest.content == {}


def test_a_version_that_is_read_and_not_yet_in_force_waits(site: Site) -> None:
    site.file.write_bytes(site.file.read_bytes() + b"\n# another\n")
    site.reader.load(str(site.file))
    site.look()
    assert site.versions.history() == []


def test_a_disk_that_takes_nothing_is_said_once_and_harms_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.state.write_text("in the way")
    site.look()
    site.look()
    assert len(caplog.records) == 1 and "nothing can be promoted" in caplog.text
    site.state.unlink()
    site.look()
    assert len(site.versions.history()) == 1


def test_a_daemon_that_ended_says_nothing(site: Site) -> None:
    async def life() -> None:
        task = asyncio.create_task(site.keeper.keep())
        while not site.notices.read_all():
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(life())
    assert site.notices.read_all() == []
