"""What a sysadmin can set, and what they are told when it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.errors import SettingsError
from asterisk_router.settings import (
    Address,
    AriServer,
    Clock,
    Settings,
    default_state_dir,
    parse_address,
    parse_ami,
    parse_ari,
    parse_clock,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:4573", Address("127.0.0.1", 4573)),
        ("127.0.0.1", Address("127.0.0.1", 4573)),
        ("[::1]:4573", Address("::1", 4573)),
        ("[::1]", Address("::1", 4573)),
        (" 0.0.0.0:0 ", Address("0.0.0.0", 0)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", ":4573", "::1", "::1:4573", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "1.2.3.4:-1", "[1.2.3.4", "[]:1"],
)
def test_an_address_that_is_none_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_address(text)
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "given",
    [
        {"log_level": "loud"},
        {"deadline_ms": 5},
        {"deadline_ms": 300},
        {"most_calls": 0},
        {"listen": Address("localhost", 4573)},
    ],
)
def test_a_setting_that_cannot_work_is_refused(given) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings(**given)
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-11-23T07:00+01:00@3600", Clock(1_795_413_600, 3600)),
        ("2026-11-23T06:00:00Z", Clock(1_795_413_600, 1)),
        ("2026-11-23 06:00+00:00@0.5", Clock(1_795_413_600, 0.5)),
    ],
)
def test_a_clock_is_read(text: str, clock: Clock) -> None:
    assert parse_clock(text) == clock == parse_clock(str(clock))
    assert clock.at(10) == clock.start_s + 10 * clock.speed


@pytest.mark.parametrize(
    "text", ["", "@3600", "7:00@2", "2026-11-23T07:00@fast", "2026-11-23T07:00@-1", "2026-11-23@nan"]
)
def test_a_clock_that_is_none_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_clock(text)
    assert refusal.value.remedy


def test_the_state_lies_where_the_user_may_write(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_state_dir() == tmp_path / "asterisk-router"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_state_dir() == Path.home() / ".local/state/asterisk-router"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_state_dir() == Path("/var/lib/asterisk-router")


def test_who_has_no_home_is_told_to_name_a_place(monkeypatch) -> None:
    for variable in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 5)  # of whom nothing is known
    with pytest.raises(SettingsError, match="--state-dir"):
        default_state_dir()


def test_the_scripts_socket_lies_with_the_state_unless_told() -> None:
    assert Settings(state_dir=Path("/s")).script_socket == Path("/s/agi.sock")
    assert Settings(state_dir=Path("/s"), agi_socket=Path("/r/x.sock")).script_socket == Path("/r/x.sock")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ami://router:s3cret@127.0.0.1", ("pbx", "127.0.0.1", 5038, "router", "s3cret", False)),
        ("amis://router:a%2Fb@pbx.example:5039/berlin", ("berlin", "pbx.example", 5039, "router", "a/b", True)),
        ("ami://router:s@[::1]:5038/x", ("x", "::1", 5038, "router", "s", False)),
    ],
)
def test_an_ami_address_is_read(text: str, expected: tuple[object, ...]) -> None:
    assert tuple(parse_ami(text)) == expected


def test_the_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    assert parse_ami(f"ami://router@127.0.0.1/x?secret_file={tmp_path}/secret").secret == "s3cret"


def test_a_file_that_holds_no_text_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        parse_ami(f"ami://router@127.0.0.1/x?secret_file={tmp_path}/secret")


@pytest.mark.parametrize(
    "text", ["ami://router@127.0.0.1", "http://a:b@c", "ami://:s3cret@h", "ami://a:s3cret@h:port", "ami://a:s3cret@h/ü"]
)
def test_a_bad_ami_address_is_refused_without_its_secret(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_ami(text)
    assert "s3cret" not in str(refused.value)


def test_a_secret_is_never_shown() -> None:
    assert "s3cret" not in repr(parse_ami("ami://router:s3cret@127.0.0.1"))


def test_two_pbxs_need_two_names() -> None:
    server = parse_ami("ami://router:s3cret@127.0.0.1")
    with pytest.raises(SettingsError, match="two PBXs"):
        Settings(ami=(server, server))


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("ari://router:s3cret@127.0.0.1:9088/berlin", AriServer("127.0.0.1", 9088, "router", "s3cret", "berlin")),
        ("ari://router:s3cret@pbx.example", AriServer("pbx.example", 8088, "router", "s3cret", "router")),
        ("aris://router:s%40c@[::1]/a", AriServer("::1", 8089, "router", "s@c", "a", True)),
        ("ari://router:x@h/a?prefix=/pbx/", AriServer("h", 8088, "router", "x", "a", False, "/pbx")),
    ],
)
def test_an_ari_address_is_read(text: str, server: AriServer) -> None:
    assert tuple(parse_ari(text)) == tuple(server)


def test_the_secret_of_an_ari_address_may_stand_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    server = parse_ari(f"ari://router@127.0.0.1/router?secret_file={tmp_path / 'secret'}")
    assert server.secret == "s3cret"
    assert "s3cret" not in f"{server} {server!r}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ari://127.0.0.1",
        "ari://router@127.0.0.1",
        "ami://router:s3cret@127.0.0.1",
        "ari://router:s3cret@127.0.0.1:x",
        "ari://router:s3cret@127.0.0.1/a b",
        "ari://router:s3cret@127.0.0.1/a/b",
        "ari://ro%3Auter:s3cret@127.0.0.1/a",
        "ari://router@127.0.0.1/a?secret_file=/nowhere",
        "ari://router:s3cret@127.0.0.1/a?prefix=%0d%0aX:",
    ],
)
def test_an_ari_address_that_is_none_is_refused_with_a_remedy_and_without_its_secret(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_ari(text)
    assert refusal.value.remedy and "s3cret" not in str(refusal.value)
