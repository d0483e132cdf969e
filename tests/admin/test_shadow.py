"""Promotion and the way back, on a real disk; that a daemon takes them is seen in tests/admin/cli/test_shadow.py."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from asterisk_router.admin.ports import StateFiles
from asterisk_router.admin.shadow import Change, in_force, promote, rollback
from asterisk_router.errors import PolicyError, RouterError
from asterisk_router.policy.load import load
from asterisk_router.store.act_mirror import ActMirror
from asterisk_router.store.daemon_notices import DaemonNotices
from asterisk_router.store.policy_versions import PolicyVersions

AT_S = 1_780_000_000.0


def write(file: Path, name: str) -> str:
    file.write_text(
        f'[policy]\nname = "{name}"\n[branches.{name}]\n[classes.{name}]\nbranch = "{name}"\n'
        f'[[classify]]\nname = "all"\nclass = "{name}"\n'
    )
    return load(str(file)).version


class Site:
    """A state directory, a live policy, its shadow, and what a daemon would say of them."""

    def __init__(self, folder: Path) -> None:
        self.live, self.shadow = folder / "live.toml", folder / "shadow.toml"
        self.version, self.shadow_version = write(self.live, "one"), write(self.shadow, "two")
        self.versions = PolicyVersions(folder / "policy")
        self.notices = DaemonNotices(folder / "policy" / "daemons")
        self.state = StateFiles(self.versions, self.notices, ActMirror(folder))
        self.say()

    def say(self, **other: object) -> None:
        notice = {
            "policy_file": str(self.live),
            "policy_version": self.version,
            "shadow_file": str(self.shadow),
            "shadow_version": self.shadow_version,
            "shipped": False,
        }
        self.notices.publish({**notice, **other})

    def acts(self) -> list[tuple[str, str]]:
        return [(entry.act, entry.version) for entry in self.versions.history()]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_there_and_back_with_who_and_when(site: Site) -> None:
    change = promote(site.state, load, AT_S, "eva")
    assert change == Change(site.shadow_version, site.version, str(site.live), "eva")
    assert load(str(site.live)).version == site.shadow_version
    back = rollback(site.state, load, AT_S + 60, "eva")
    assert (back.version, back.before) == (site.version, site.shadow_version)
    assert load(str(site.live)).version == site.version
    assert site.acts() == [
        ("read", site.version), ("promoted", site.shadow_version), ("rolled-back", site.version),
    ]  # fmt: skip
    assert [(entry.at_s, entry.who) for entry in site.versions.history()][-1] == (AT_S + 60, "eva")
    with pytest.raises(RouterError, match="no earlier version"):
        rollback(site.state, load, AT_S, "eva")


def test_what_is_there_already_is_not_put_there_again(site: Site) -> None:
    promote(site.state, load, AT_S, "eva")
    assert promote(site.state, load, AT_S + 1, "eva").before == site.shadow_version
    assert [act for act, _ in site.acts()] == ["read", "promoted"]


def test_a_policy_with_fragments_goes_and_comes_back_whole(site: Site, tmp_path: Path) -> None:
    fragment = tmp_path / "conf.d" / "a.toml"
    fragment.parent.mkdir()
    fragment.write_text("[queues.sales]\n")
    other = tmp_path / "other" / "shadow.toml"
    other.parent.mkdir()
    version = write(other, "two")
    site.say(shadow_file=str(other), shadow_version=version)
    promote(site.state, load, AT_S, "eva")
    assert not fragment.exists() and load(str(site.live)).version == version
    rollback(site.state, load, AT_S, "eva")
    assert fragment.read_text() == "[queues.sales]\n"


def test_a_version_can_be_named(site: Site) -> None:
    promote(site.state, load, AT_S, "eva")
    rollback(site.state, load, AT_S, "eva")
    assert rollback(site.state, load, AT_S, "eva", site.shadow_version).version == site.shadow_version
    with pytest.raises(RouterError, match="no version nobody-1 is kept"):
        rollback(site.state, load, AT_S, "eva", "nobody-1")


def test_what_lay_there_is_kept_however_broken(site: Site) -> None:
    promote(site.state, load, AT_S, "eva")
    site.live.write_text("half a sentence")
    change = rollback(site.state, load, AT_S, "eva")
    assert (change.version, change.before) == (site.version, "")
    aside = next(entry for entry in site.versions.history() if entry.act == "set-aside")
    assert site.versions.content(aside.content) == {"policy.toml": b"half a sentence"}


def test_a_rollback_needs_no_daemon(site: Site) -> None:
    promote(site.state, load, AT_S, "eva")
    site.notices.withdraw()
    change = rollback(site.state, load, AT_S, "eva")
    assert load(str(site.live)).version == site.version
    assert in_force(site.state, change, 0.0) is None


def test_only_what_was_compared_is_promoted(site: Site) -> None:
    write(site.shadow, "three")
    with pytest.raises(RouterError, match="is not the one that was compared"):
        promote(site.state, load, AT_S, "eva")
    site.shadow.write_text("broken")
    with pytest.raises(PolicyError):
        promote(site.state, load, AT_S, "eva")
    assert load(str(site.live)).version == site.version
    assert site.acts() == []


def test_what_is_shipped_stays(site: Site) -> None:
    site.say(shipped=True)
    with pytest.raises(RouterError, match="shipped"):
        promote(site.state, load, AT_S, "eva")


def test_without_a_shadow_there_is_nothing_to_promote(site: Site) -> None:
    site.say(shadow_file="")
    with pytest.raises(RouterError, match="no daemon on this state directory has a shadow"):
        promote(site.state, load, AT_S, "eva")


def test_two_daemons_that_differ_are_not_guessed_about(site: Site, tmp_path: Path) -> None:
    other = tmp_path / "policy" / "daemons" / f"{os.getppid()}.json"
    said = (other.parent / f"{os.getpid()}.json").read_text().replace("shadow.toml", "other.toml")
    other.write_text(json.dumps({**json.loads(said), "pid": os.getppid(), "born": ""}))
    with pytest.raises(RouterError, match="compare different policies"):
        promote(site.state, load, AT_S, "eva")


def test_a_daemon_that_does_not_take_it_is_told_of(site: Site) -> None:
    change = promote(site.state, load, AT_S, "eva")
    assert in_force(site.state, change, 0.0) is False
    site.say(policy_version=change.version)
    assert in_force(site.state, change, 0.0) is True
