"""Everything of one person, and nothing of anybody else."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from asterisk_router.daemon.compose.daemon import open_shared
from tests.admin.callers.test_forgetting import ANNA, BOB, NUMBERS, SECOND, fill
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer


@pytest.mark.parametrize("asked", NUMBERS)
def test_everything_of_a_person_under_all_their_numbers(
    run: Run, redis_server: RedisServer, tmp_path: Path, asked: str
) -> None:
    async def filled() -> None:
        async with open_shared(redis_server.unix_url, tmp_path) as shared:
            await fill(shared, tmp_path / "journal" / "0" / "00000001.journal")

    asyncio.run(filled())
    where = ("--redis", redis_server.unix_url)
    run("tag", "add", "+4212555001*", "region", *where)
    run("tag", "add", SECOND, "supplier", *where)
    shown = run("caller", "export", asked, *where)
    found = json.loads(shown.stdout)
    assert shown.exit_code == 0 and BOB not in shown.stdout
    assert (found["numbers"][0], sorted(found["numbers"])) == (asked, sorted(NUMBERS))
    assert found["caller"]["name"] == "Anna" and found["caller"]["tags"][0]["evidence"] == "contract"
    assert [(call["kind"], call["uniqueid"]) for call in found["calls"]] == [("began", "b-1"), ("ended", "b-1")]
    assert [entry["person"] for entry in found["call_backs"]] == [ANNA] and found["settled_call_backs"] == []
    assert [tag["on"] for tag in found["tags_of_ranges"]] == ["+4212555001*"]
    acts = [act["act"] for act in found["acts"]]
    assert "tag add" in acts and ("caller export" in acts)


def test_of_nobody_there_is_nothing(run: Run, redis_server: RedisServer) -> None:
    refused = run("caller", "export", ANNA, "--redis", redis_server.unix_url)
    assert (refused.exit_code, refused.stdout) == (1, "") and "nobody is known" in refused.stderr
