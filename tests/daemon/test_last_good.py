"""A start with a policy that is broken or not there: the one that was in force last, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.daemon.last_good import FirstPolicy, first_policy
from asterisk_router.errors import PolicyError
from asterisk_router.policy.kept_versions import Act, KeptVersion
from asterisk_router.policy.load import files_of, load
from asterisk_router.store.policy_versions import PolicyVersions


class Site:
    """A policy file and the versions of it that were kept."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "policy.toml"
        self.versions = PolicyVersions(folder / "state")
        self.kept: list[KeptVersion] = []

    def was_in_force(self, name: str, act: Act = "read", file: str = "") -> str:
        """A version kept; as the daemon and people keep it."""
        branch = '[classes.all]\nbranch = "reception"\n[[classify]]\nname = "all"\nclass = "all"\n'
        self.file.write_text(f'[policy]\nname = "{name}"\n{branch}')
        conf = self.file.parent / "conf.d"
        conf.mkdir(exist_ok=True)
        (conf / "extra.toml").write_text(f"# {name}\n")
        content = self.versions.content_of(self.file, files_of(str(self.file)))
        version = load(str(self.file)).version
        entry = KeptVersion(1.0, version, self.versions.hash_of(content), act, "me", file or str(self.file))
        self.versions.keep(entry, content)
        self.kept.append(entry)
        return version

    def broken(self) -> None:
        self.file.write_text("[policy\n")

    def start(self) -> FirstPolicy:
        return first_policy(lambda: load(str(self.file)), load, self.versions, self.file)

    def harm(self, entry: KeptVersion, text: str) -> None:
        self.versions.path_of(entry.content).write_text(text)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_good_file_is_what_it_says(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    version = site.was_in_force("one")
    first = site.start()
    assert (first.policy.version, first.fault, caplog.messages) == (version, "", [])


def test_a_broken_file_leaves_the_last_good_version_in_force_and_says_so_loudly(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.was_in_force("one")
    version = site.was_in_force("two")
    site.broken()
    first = site.start()
    assert first.policy.version == version
    assert f"{site.file}:1" in first.fault
    (record,) = caplog.records
    assert record.levelname == "CRITICAL" and version in record.message and f"{site.file}:1" in record.message


def test_a_file_that_is_not_there_is_no_other(site: Site) -> None:
    version = site.was_in_force("one")
    site.file.unlink()
    first = site.start()
    assert first.policy.version == version and "cannot be read" in first.fault


def test_where_there_never_was_a_good_one_the_fault_of_the_file_ends_the_start(site: Site) -> None:
    site.broken()
    with pytest.raises(PolicyError, match="policy.toml:1"):
        site.start()
    site.was_in_force("other", file="/another/policy.toml")
    site.was_in_force("never", act="set-aside")
    site.broken()
    with pytest.raises(PolicyError, match="policy.toml:1"):
        site.start()


@pytest.mark.parametrize(
    "text",
    ["", "[policy\n", '[policy]\nname = "somebody else"\n[classes.all]\nbranch = "decoy"\n'],
    ids=["empty", "broken", "changed"],
)
def test_a_kept_version_that_was_harmed_is_told_and_the_one_before_it_taken(
    site: Site, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = site.was_in_force("one")
    site.was_in_force("two")
    site.harm(site.kept[-1], text)
    site.broken()
    assert site.start().policy.version == before
    assert site.kept[-1].version in caplog.messages[0] and "cannot be used either" in caplog.messages[0]
    site.harm(site.kept[0], text)
    with pytest.raises(PolicyError, match="policy.toml:1"):
        site.start()


def test_versions_that_cannot_be_read_are_told_and_not_fatal(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    (site.file.parent / "state" / "history").mkdir(parents=True)
    site.broken()
    with pytest.raises(PolicyError):
        site.start()
    assert "cannot be read" in caplog.text
