"""A look at the store tells where it is and why it is away, and no password."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.store.store_look import look_at_store
from tests.live.ports import free_port


@pytest.mark.parametrize(
    "url",
    [
        "redis://ann:s3cret@127.0.0.1:{port}/0",
        "redis+sentinel://ann:s3cret@127.0.0.1:{port}/callers?sentinel_password=s3cret",
    ],
)
def test_a_store_that_is_away_is_seen_without_its_password(url: str, tmp_path: Path) -> None:
    port = free_port()
    seen = asyncio.run(look_at_store(url.format(port=port), tmp_path))
    assert seen.fault and f"127.0.0.1:{port}" in seen.where
    assert "s3cret" not in repr(seen)
