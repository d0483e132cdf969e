"""Versions of a policy on a real disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from asterisk_router.policy.kept_versions import KeptVersion
from asterisk_router.policy.load import files_of
from asterisk_router.store import policy_versions
from asterisk_router.store.policy_versions import PolicyVersions


def entry(content: str, act="read", at_s: float = 1.0) -> KeptVersion:
    return KeptVersion(at_s, f"v-{content}", content, act, "ann", "/etc/p.toml")


@pytest.fixture
def versions(tmp_path: Path) -> PolicyVersions:
    return PolicyVersions(tmp_path / "state" / "policy")


def test_a_version_comes_back_as_it_was(versions: PolicyVersions) -> None:
    content = {"policy.toml": b"a = 1\n", "conf.d/x.toml": b"\xff"}
    versions.keep(entry("one"), content)
    assert versions.content("one") == content
    assert versions.history() == [entry("one")]


@pytest.mark.parametrize("damage", [lambda main: main.write_bytes(b""), lambda main: main.unlink()])
def test_a_version_that_was_damaged_is_kept_again(versions: PolicyVersions, damage: Callable[[Path], object]) -> None:
    content = {"policy.toml": b"a = 1\n", "conf.d/x.toml": b"b = 2\n"}
    kept = versions.hash_of(content)
    versions.keep(entry(kept), content)
    damage(versions.path_of(kept))
    versions.keep(entry(kept), content)
    assert versions.content(kept) == content and versions.history() == [entry(kept)]


def test_no_sign_in_a_name_ends_a_line(versions: PolicyVersions) -> None:
    odd = entry("one")._replace(file="/etc/a\u2028b\x85.toml")
    versions.keep(odd, {"policy.toml": b""})
    assert versions.history() == [odd]


def test_a_restart_with_the_same_version_is_no_news(versions: PolicyVersions) -> None:
    versions.keep(entry("one"), {"policy.toml": b""})
    versions.keep(entry("one", at_s=2.0), {"policy.toml": b""})
    versions.keep(entry("one", "promoted", 3.0), {"policy.toml": b""})
    assert [each.at_s for each in versions.history()] == [1.0, 3.0]


def test_the_history_is_bounded_and_so_are_the_versions(
    versions: PolicyVersions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_versions, "KEPT_MAX", 3)
    for n in range(6):
        versions.keep(entry(str(n)), {"policy.toml": b"%d" % n})
    assert [each.content for each in versions.history()] == ["3", "4", "5"]
    assert sorted(path.name for path in (tmp_path / "state/policy/versions").iterdir()) == ["3", "4", "5"]


def test_a_damaged_line_costs_that_line(versions: PolicyVersions, tmp_path: Path) -> None:
    versions.keep(entry("one"), {"policy.toml": b""})
    file = tmp_path / "state/policy/history"
    file.write_text('{"at_s": 1}\nnothing\n' + file.read_text())
    assert versions.history() == [entry("one")]


def test_many_at_once_lose_nothing(versions: PolicyVersions) -> None:
    threads = [
        threading.Thread(target=versions.keep, args=(entry(str(n)), {"policy.toml": b"%d" % n})) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(each.content) for each in versions.history()) == list(range(20))


def test_the_hash_tells_every_file_and_its_name(versions: PolicyVersions) -> None:
    contents = [{"policy.toml": b"ab"}, {"policy.toml": b"a", "conf.d/b.toml": b""}, {"conf.d/x.toml": b"ab"}]
    assert len({versions.hash_of(content) for content in contents}) == 3


def test_a_policy_is_put_in_place_with_its_fragments_and_nothing_else(versions: PolicyVersions, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text("old")
    file.chmod(0o640)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d/old.toml").write_text("old")
    content = {"policy.toml": b"new", "conf.d/new.toml": b"new"}
    versions.put(content, file, files_of(str(file)))
    assert versions.content_of(file, files_of(str(file))) == content
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*.toml")) == ["new.toml", "p.toml"]


def test_a_link_stays_a_link(versions: PolicyVersions, tmp_path: Path) -> None:
    real = tmp_path / "real" / "p.toml"
    real.parent.mkdir()
    real.write_text("old")
    link = tmp_path / "p.toml"
    link.symlink_to(real)
    versions.put({"policy.toml": b"new"}, link, [link])
    assert link.is_symlink() and real.read_bytes() == b"new"
