"""Which version goes before which."""

from __future__ import annotations

from asterisk_router.policy.kept_versions import Act, KeptVersion, order


def history(*acts: tuple[str, Act], file: str = "p.toml") -> list[KeptVersion]:
    return [KeptVersion(float(n), content, content, act, "ann", file) for n, (content, act) in enumerate(acts)]


def contents(entries: list[KeptVersion]) -> str:
    return "".join(entry.content for entry in entries)


def test_one_goes_back_the_way_one_came() -> None:
    came = history(("a", "read"), ("b", "read"), ("c", "promoted"))
    assert contents(order(came, "p.toml")) == "abc"
    back = [*came, *history(("b", "rolled-back"))]
    assert contents(order(back, "p.toml")) == "ab"
    assert contents(order([*back, *history(("a", "rolled-back"))], "p.toml")) == "a"


def test_a_version_found_again_after_a_restart_is_the_same_one() -> None:
    assert contents(order(history(("a", "read"), ("b", "promoted"), ("b", "read")), "p.toml")) == "ab"


def test_a_version_back_in_force_by_promotion_goes_on_top() -> None:
    assert contents(order(history(("a", "read"), ("b", "promoted"), ("a", "promoted")), "p.toml")) == "aba"


def test_what_was_set_aside_and_what_is_another_files_is_no_way_back() -> None:
    other = history(("x", "read"), file="q.toml")
    assert contents(order([*history(("a", "read"), ("z", "set-aside")), *other], "p.toml")) == "a"
    assert contents(order(history(("b", "rolled-back")), "p.toml")) == "b"
