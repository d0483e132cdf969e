"""The generated operations are what the running Asterisk describes; what 16.28 has not is marked."""

from __future__ import annotations

import inspect
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from asterisk_router.ari import Channel
from tests.live import asterisk_testbed
from tests.live.asterisk_testbed import OLDEST, REFERENCE
from tests.live.pbx import Pbx
from tests.live.ports import free_port
from tests.live.site import configuration
from tests.rules.ari_operations import KINDS, OPERATIONS, described, written

pytestmark = pytest.mark.live

ARI = "[general]\nenabled = yes\n[router]\ntype = user\nread_only = yes\npassword = of-the-tests-only\n"


@pytest.fixture(scope="module")
def live(testbed: Path) -> Iterator[dict[str, Any]]:
    """What a running Asterisk says of its API: name -> description."""
    pbx = Pbx(testbed, "router-in", {**configuration("plain", free_port()), "ari.conf": ARI})
    try:
        pbx.start()
        yield {name: _asked(pbx, name) for name in KINDS}
    finally:
        pbx.stop()


def _asked(pbx: Pbx, name: str) -> Any:
    authorization = "Basic " + b64encode(b"router:of-the-tests-only").decode()
    url = f"http://127.0.0.1:{pbx.http_port}/ari/api-docs/{name}.json"
    with urlopen(Request(url, headers={"Authorization": authorization}), timeout=10) as answer:
        return json.load(answer)


def test_the_files_are_what_the_running_asterisk_describes(live: dict[str, Any]) -> None:
    files = written(live, described(asterisk_testbed.testbed(OLDEST)))
    assert {path.name for path in OPERATIONS.glob("*.py")} == {*files, "__init__.py"}
    for name, text in files.items():
        assert (OPERATIONS / name).read_text() == text, f"{name}: run make operations"


def test_every_operation_is_a_method_and_what_the_oldest_has_not_is_marked() -> None:
    reference, oldest = (described(asterisk_testbed.testbed(suite)) for suite in (REFERENCE, OLDEST))
    known = {
        (name, operation["nickname"])
        for name, description in oldest.items()
        for api in description["apis"]
        for operation in api["operations"]
    }
    missing = 0
    for name, description in reference.items():
        text = "".join(written({name: description}, oldest).values())
        for api in description["apis"]:
            for operation in api["operations"]:
                nickname = operation["nickname"]
                if operation.get("upgrade"):
                    continue
                assert f"async def {nickname}(" in text
                missing += (name, nickname) not in known
    assert missing > 5
    assert "not in 16.28" in (inspect.getdoc(Channel.setChannelVars) or "")
    assert "16.28" not in (inspect.getdoc(Channel.setChannelVar) or "").replace("Not in 16.28: `report_events`", "")
