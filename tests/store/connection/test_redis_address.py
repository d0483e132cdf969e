"""Redis URLs: every form a sysadmin writes, and what is said about the others, never with the password."""

from __future__ import annotations

import ssl

import pytest

from asterisk_router.errors import SettingsError
from asterisk_router.store.connection.redis_address import RedisAddress, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://localhost", RedisAddress("localhost")),
        ("redis://10.0.0.1:6380/2", RedisAddress("10.0.0.1", 6380, db=2)),
        ("redis://[::1]:6380", RedisAddress("::1", 6380)),
        ("redis://", RedisAddress("localhost")),
        ("valkey://example.com/?db=4", RedisAddress("example.com", db=4)),
        ("redis://:p%40ss@example.com", RedisAddress("example.com", password="p@ss")),
        ("redis://me:secret@example.com", RedisAddress("example.com", username="me", password="secret")),
        ("unix:///run/redis/redis.sock", RedisAddress(path="/run/redis/redis.sock")),
        ("unix://:secret@/run/redis.sock?db=1", RedisAddress(path="/run/redis.sock", password="secret", db=1)),
    ],
)
def test_an_address_in_a_url(url: str, address: RedisAddress) -> None:
    assert parse_url(url) == address
    assert "secret" not in str(address) + repr(address)


def test_tls_verifies_unless_told_otherwise() -> None:
    verified = parse_url("rediss://example.com").tls
    assert verified is not None and verified.verify_mode is ssl.CERT_REQUIRED and verified.check_hostname
    named = parse_url("valkeys://example.com?ssl_check_hostname=false").tls
    assert named is not None and named.verify_mode is ssl.CERT_REQUIRED and not named.check_hostname
    blind = parse_url("rediss://example.com?ssl_cert_reqs=none").tls
    assert blind is not None and blind.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "me:secret@example.com",
        "http://me:secret@example.com",
        "redis://me:secret@example.com:port",
        "redis://me:secret@example.com/db",
        "redis://me:secret@example.com/?timeout=5",
        "redis://me:secret@[::1",
        "unix://me:secret@",
        "rediss://me:secret@example.com?ssl_ca_certs=/nonexistent",
    ],
)
def test_what_is_no_address_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_url(url)
    assert "secret" not in str(refused.value)


def test_the_greeting_ends_with_a_question() -> None:
    assert RedisAddress().greeting == [("PING",)]
    whole = RedisAddress(username="me", password="secret", db=3).greeting
    assert whole == [("AUTH", "me", "secret"), ("SELECT", 3), ("PING",)]
    assert RedisAddress(password="secret").greeting[0] == ("AUTH", "secret")
