"""Five hundred hostile texts in calls a real Asterisk hands over by ARI: none acts, none is raw in what we write."""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, urlencode

import pytest

from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.ami_events import unescaped
from asterisk_router.wire.answer import text
from tests.fuzz.hostile_texts import COUNT, hostile_texts
from tests.fuzz.test_hostile_sources import TEXTS, callers, number_of
from tests.fuzz.test_hostile_text import FORMULA, LOGGED, RAW
from tests.live.ami import SeenCall
from tests.live.doors import APPS, asked_by, wait_for_app
from tests.live.people import command, shop_always_open
from tests.live.redis_server import RedisServer
from tests.live.site import SECRET, Site

pytestmark = [pytest.mark.live, pytest.mark.alone]

LONG_MS = 5000
"""A guard under which a busy machine answers every call."""
AT_ONCE = 50
WITHIN_S = 60
APP = APPS[0]
CONTROL = re.compile("[\x01-\x1f\x7f]")
"""A call that says one is not believed."""
BLANKS = "".join(map(chr, range(1, 33)))


def late(call: SeenCall) -> bool:
    """Whether the store of a busy machine was, so that nothing is known of the caller."""
    return call.variables["ROUTER_DEGRADED"] == "1"


def heard(said: str) -> str:
    """A name as CALLERID() takes it: NUL ends it, what is no letter at either end is cut off."""
    return said.partition("\0")[0].strip(BLANKS)


class Told:
    """A site whose callers have said all of it."""

    def __init__(self, site: Site, redis: RedisServer) -> None:
        self.site, self.redis = site, redis
        self.known = self._calls({"NUM": number_of(at), "NAME": said} for at, said in enumerate(hostile_texts()))
        self.strange = self._calls({"NUM": said, "NAME": said, "RDNIS": said} for said in hostile_texts())
        self.bare = [self._originate({"app": APP, "appArgs": said}, {}) for said in hostile_texts()]
        site.watcher.wait(lambda: not self.inside(), WITHIN_S)
        self.log = site.router.log

    def _calls(self, every: Iterator[dict[str, str | bytes]]) -> list[SeenCall]:
        """Place such calls, some at once, and hang them up when they are in a branch."""
        seen: list[SeenCall] = []
        while some := list(islice(every, AT_ONCE)):
            self.site.watcher.forget()
            for said in some:
                encoded = {f"TEST_{name}": quote(value, safe="") for name, value in said.items()}
                place = {"context": "test-hostile", "extension": "s", "priority": "1"}
                assert self._originate(place, encoded) == 200
            self.site.watcher.wait(lambda: len(self._branched()) == AT_ONCE, WITHIN_S)
            seen += self._branched()
            self.site.hang_up()
        return seen

    def _branched(self) -> list[SeenCall]:
        return [call for call in self.site.watcher.asked() if call.branches]

    def _originate(self, where: dict[str, str | bytes], variables: dict[str, str]) -> int:
        """Have Asterisk make a call of a channel of its own; the status it answers with."""
        query = urlencode({"endpoint": "Local/s@test-caller/n", **where})
        return self._asked("POST", f"/channels?{query}", json.dumps({"variables": variables}))[0]

    def inside(self) -> list[str]:
        """Channels in Stasis."""
        channels = json.loads(self._asked("GET", "/channels")[1])
        return [channel["id"] for channel in channels if channel["dialplan"]["app_name"] == "Stasis"]

    def _asked(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        login = {"Authorization": "Basic " + b64encode(f"router:{SECRET}".encode()).decode()}
        connection = http.client.HTTPConnection("127.0.0.1", self.site.pbx.http_port, timeout=20)
        connection.request(method, f"/ari{path}", body, {**login, "Content-Type": "application/json"})
        answered = connection.getresponse()
        said = answered.read()
        connection.close()
        return answered.status, said

    def warnings(self) -> list[str]:
        """What the daemon warned of, but that calls are not believed."""
        lines = self.log.splitlines()
        return [line for line in lines if re.search(" (WARNING|ERROR) ", line) and "not believed" not in line]

    def says(self, *words: str) -> str:
        """What a command prints."""
        return command(*words, "--redis", self.redis.unix_url, "--state-dir", str(self.site.router.folder))


@pytest.fixture(scope="module")
def told(plain_site: Site, live_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    live_redis.command("FLUSHALL")
    for number, record in callers():
        live_redis.command("SET", RedisKeys().caller(number), record)
    plain_site.forget_calls()
    policy = shop_always_open(tmp_path_factory.mktemp("policy"))
    with asked_by(plain_site, "ari", guard_ms=LONG_MS):
        ari, spool = plain_site.ari_url(APP), str(plain_site.spool)
        plain_site.router.start(policy, "--ari", ari, "--spool-dir", spool, "--log-level", "debug")
        try:
            wait_for_app(plain_site, APP)
            yield Told(plain_site, live_redis)
        finally:
            plain_site.router.stop()
            plain_site.pbx.cli("channel request hangup all")
            live_redis.command("FLUSHALL")


def test_every_call_has_its_answer_and_goes_where_the_policy_sends_it(told: Told) -> None:
    for calls in (told.known, told.strange):
        assert len(calls) == COUNT
        assert {call.answers for call in calls} == {1}, told.warnings()
    sent_on = {call.caller_number: call for call in told.known}
    for at, said in enumerate(TEXTS):
        call = sent_on[number_of(at)]
        if not late(call):
            assert call.branches == (["default"] if CONTROL.search(heard(said)) else ["sales"]), repr(said)
    # a number that is none, or a call that is not believed
    assert {tuple(call.branches) for call in told.strange} <= {("sales",), ("default",)}


def test_what_is_told_over_ari_arrives_as_data(told: Told) -> None:
    by_number = {call.caller_number: call for call in told.known}
    named = 0
    for at, said in enumerate(TEXTS):
        call = by_number[number_of(at)]
        name = unescaped(call.variables["ROUTER_SCREEN_NAME"])
        on_record = text(f"~ {said} (3000)")
        assert name in (on_record, "") or late(call) and name == text(said), "neither expanded nor split"
        named += name == on_record
        others = {step.application for step in call.steps} & {"System", "TrySystem", "AGI", "EAGI", "Exec", "TryExec"}
        assert not others
    assert named > COUNT / 2, "their names are not told: the records were not read"


def test_whatever_was_said_the_dialplan_takes_the_same_steps(told: Told) -> None:
    ways = {tuple(step.application for step in call.steps if step.context == "router-route") for call in told.strange}
    assert len(ways) <= 2, "by the policy, and of a call that is not believed"


def test_arguments_no_dialplan_of_ours_wrote_are_answered(told: Told) -> None:
    assert set(told.bare) <= {200, 400}, "what is no UTF-8 Asterisk may refuse"
    assert told.bare.count(200) > COUNT * 0.9
    assert told.site.router.process.is_running()


def test_the_log_holds_lines_of_ours_alone(told: Told) -> None:
    for line in told.log.splitlines():
        assert LOGGED.match(line) or line.startswith("  "), f"not a line of ours: {line!r}"
        assert not RAW.search(line), repr(line)
    assert "Traceback" not in told.log


def test_asterisks_log_has_nothing_raw_from_our_dialplan(told: Told) -> None:
    lines = [line for line in told.site.pbx.log.split("\n") if "asterisk-router:" in line]
    assert not [line for line in lines if RAW.search(line.replace("\x1b[0m", ""))]


@pytest.mark.parametrize("words", ["calls export --full", "calls tail -n 10000 --full --json"])
def test_documents_for_programs_hold_nothing_raw(told: Told, words: str) -> None:
    lines = told.says(*words.split()).splitlines()
    assert len(lines) >= 2 * COUNT
    for line in lines:
        assert not RAW.search(line), repr(line)
        assert isinstance(json.loads(line), dict)


def test_a_spreadsheet_takes_no_cell_for_a_formula(told: Told) -> None:
    heading, *rows = csv.reader(io.StringIO(told.says("calls", "export", "--full", "--csv")))
    assert len(rows) >= 2 * COUNT
    assert not [cell for row in rows for cell in row if FORMULA.match(cell) or len(row) != len(heading)]


@pytest.mark.parametrize(
    "words",
    ["calls tail -n 10000 --full", "calls explain last --policy shop", "calls explain last --policy shop --json"],
)
def test_a_terminal_is_told_nothing_raw(told: Told, words: str) -> None:
    said = told.says(*words.split())
    assert not RAW.search(said), repr(RAW.search(said))
