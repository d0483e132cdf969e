"""One call on a real Asterisk as people see it: on the board, then in the registry, then on the caller's card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.followed import NUMBER, POLICY, board, cli, until
from tests.live.redis_server import RedisServer
from tests.live.site import Site, running_site

pytestmark = [pytest.mark.live, pytest.mark.patient]

LINE = "+42120550000"
AGENT = "quick-anna"


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, testbed: Path, live_redis: RedisServer, tmp_path_factory: Any
) -> Iterator[Site]:
    """A plain site of these tests alone, whose daemon follows its queues and takes in how calls ended."""
    policy = tmp_path_factory.mktemp("policy") / "seen.toml"
    policy.write_text(POLICY)
    with running_site("plain", testbed, live_redis.unix_url) as site:
        live_redis.command("FLUSHALL")
        site.router.start(str(policy), "--ami", site.ami_url, "--spool-dir", str(site.spool))
        until(lambda: board(site)["known"])
        yield site
        site.keep_log = bool(request.session.testsfailed)


def rows(site: Site) -> list[dict[str, Any]]:
    """What `calls tail` tells programs."""
    return [json.loads(line) for line in cli(site, "calls", "tail", "--json").stdout.splitlines()]


def waiting(site: Site) -> list[dict[str, Any]]:
    """Who waits in sales, as `queue show` tells programs."""
    return [caller for queue in board(site)["queues"] if queue["queue"] == "sales" for caller in queue["callers"]]


def test_from_the_board_into_the_registry_and_onto_the_card(site: Site) -> None:
    with site.staffed(AGENT, paused=True):
        until(lambda: "Local/quick-anna" in cli(site, "queue", "show", "sales").stdout)
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": NUMBER})
        until(lambda: waiting(site))
        (caller,) = waiting(site)
        assert (caller["caller_class"], caller["position"]) == ("default", 1)
        assert caller["head_start_s"] in (0, 1), "a second may have begun before it had its place"
        shown = cli(site, "queue", "show").stdout
        assert "  never  " in shown, "nobody is at work"
        assert f"default  {NUMBER[:-4]}****" in shown and NUMBER not in shown and "1 caller\n" in shown
        (begun,) = rows(site)
        assert (begun["kind"], begun["uniqueid"]) == ("began", caller["uniqueid"])
        site.pbx.cli(f"queue unpause member Local/{AGENT}@test-agent/n")
        until(lambda: [row["kind"] for row in rows(site)] == ["ended"])
    (ended,) = rows(site)
    assert (ended["uniqueid"], ended["number"]) == (caller["uniqueid"], f"{NUMBER[:-4]}****")
    assert (ended["outcome"], ended["how"], ended["caller_class"]) == ("answered", "talked", "default")
    assert AGENT in ended["agent"] and ended["waited_s"] >= caller["waited_s"]
    assert NUMBER in cli(site, "calls", "tail", "--full").stdout
    until(lambda: json.loads(cli(site, "caller", "card", NUMBER, "--json").stdout)["history"]["calls"] == 1)
    card = json.loads(cli(site, "caller", "card", NUMBER, "--json").stdout)
    assert [past["outcome"] for past in card["history"]["recent"]] == ["answered"]
    assert AGENT in card["history"]["last_agent"] and card["call_back"] is None


def test_a_missed_call_is_on_the_card_as_owed(site: Site) -> None:
    number = "+42125550147"
    with site.staffed(AGENT, paused=True):
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": number})
        until(lambda: waiting(site))
        site.pbx.cli("channel request hangup all")
        until(lambda: json.loads(cli(site, "caller", "card", number, "--json").stdout)["call_back"])
    card = json.loads(cli(site, "caller", "card", number, "--json").stdout)
    assert (card["call_back"]["reason"], card["call_back"]["missed"], card["known"]) == ("missed", 1, True)
    assert rows(site)[-1]["how"] == "abandoned"


def test_a_withheld_number_and_its_name_are_kept_nowhere(site: Site, live_redis: RedisServer) -> None:
    secret = {"CALLERID(num)": "+442079460963", "CALLERID(name)": "Zora Tajna", "CALLERID(num-pres)": "prohib"}

    def kept() -> list[str]:
        places = [*site.router.folder.rglob("*"), *site.spool.rglob("*"), *live_redis.directory.rglob("*")]
        contents = {str(path): path.read_bytes() for path in places if path.is_file()}
        return [path for path, data in contents.items() if b"79460963" in data or b"Tajna" in data]

    with site.staffed(AGENT, paused=True):
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, secret)
        until(lambda: waiting(site))
        (caller,) = waiting(site)
        assert (caller["number"], caller["name"], caller["caller_class"]) == ("", "", "default")
        assert kept() == []
        site.pbx.cli("channel request hangup all")
        until(lambda: [row["number"] for row in rows(site)].count("") >= 1)
        until(lambda: rows(site)[-1]["kind"] == "ended" and rows(site)[-1]["number"] == "")
    assert kept() == []
