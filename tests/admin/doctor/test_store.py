from __future__ import annotations

import pytest

from asterisk_router.admin.doctor.store import about_store
from asterisk_router.wire.redis_info import SeenStore

WELL = {"role": "master", "aof_enabled": "1", "maxmemory": "0", "maxmemory_policy": "noeviction"}


def states(seen: SeenStore) -> dict[str, str]:
    return {each.about: each.state for each in about_store(seen)}


def test_a_store_that_is_well_is_green_throughout() -> None:
    assert set(states(SeenStore("here", info=WELL)).values()) == {"green"}


@pytest.mark.parametrize(
    ("changed", "about", "state"),
    [
        ({"role": "slave"}, "redis role", "red"),
        ({"aof_last_write_status": "err"}, "redis keeps", "red"),
        ({"aof_enabled": "0", "rdb_last_bgsave_status": "err"}, "redis keeps", "red"),
        ({"aof_enabled": "0"}, "redis keeps", "yellow"),
        ({"maxmemory": "1000", "maxmemory_policy": "allkeys-lru"}, "redis eviction", "red"),
        ({"maxmemory": "1000", "maxmemory_policy": "volatile-lru"}, "redis eviction", "green"),
        ({"maxmemory": "1000", "used_memory": "950"}, "redis eviction", "red"),
        ({"maxmemory": "0", "maxmemory_policy": "allkeys-lru"}, "redis eviction", "green"),
    ],
)
def test_each_fault_has_its_own_line(changed: dict[str, str], about: str, state: str) -> None:
    found = states(SeenStore("here", info=WELL | changed))
    assert found.pop(about) == state
    assert set(found.values()) == {"green"}


def test_without_snapshots_and_without_a_file_nothing_is_kept() -> None:
    assert states(SeenStore("here", info=WELL | {"aof_enabled": "0"}, saves=""))["redis keeps"] == "red"


def test_where_info_is_refused_one_line_says_so() -> None:
    assert states(SeenStore("here", refused=("INFO",))) == {
        "redis": "green", "redis rights": "red", "redis keeps": "yellow",
    }  # fmt: skip
