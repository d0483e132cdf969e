"""`backtest`: what a policy would have made of past calls."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import re
import sqlite3
import time
from pathlib import Path

import pytest

from asterisk_router import replay
from asterisk_router.callers.caller import Caller, History
from asterisk_router.callers.history import add_call
from asterisk_router.callers.registered_call import BeganCall, EndedCall
from asterisk_router.policy.load import load
from asterisk_router.wire.incoming_call import IncomingCall
from tests.admin.cli.test_calls import register
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

BANK = Path(__file__).parents[4] / "shared" / "data" / "anonymous-bank-january-1999.tsv"
"""A real log, which does not come with the product."""

BANKS_RULE = """
[policy]
name = "bank"
timezone = "Asia/Jerusalem"
[classes]
priority = { branch = "sales", head_start = "90s" }
regular = { branch = "sales" }
[[classify]]
name = "priority customers"
when = "tag('priority')"
class = "priority"
[[classify]]
name = "everybody else"
class = "regular"
"""

MAP = """
[file]
header = true
[start]
columns = ["rang"]
timezone = "Europe/Bratislava"
[columns]
caller = "from"
called = "to"
outcome = "end"
wait_s = "waited"
tags = "tags"
caller_class = "class"
"""

LOG = """rang,from,to,end,waited,tags,class
2026-03-02 10:00:00,02/5550 1234,+42120550000,missed,95,,prospect-new
2026-03-02 11:00:00,02/5550 1234,+42120550000,answered,20,,prospect-new
2026-03-02 12:00:00,02/5550 1299,+42120550000,answered,5,supplier,partner
2026-03-02,02/5550 1299,+42120550000,answered,5,supplier,partner
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A log and its map."""
    log, columns = tmp_path / "calls.csv", tmp_path / "map.toml"
    log.write_text(LOG)
    columns.write_text(MAP)
    return log, columns


def test_it_says_who_would_change(run: Run, files: tuple[Path, Path]) -> None:
    log, columns = files
    told = run("backtest", log, "--map", columns, "--policy", "shop")
    assert told.exit_code == 0
    assert "line 5: no moment: '2026-03-02'" in told.stderr
    assert ["class", "prospect-new", "prospect-again", "1", "0", "20", "s"] in [
        row.split() for row in told.stdout.splitlines()
    ]
    assert "1 change\n" in told.stdout and "Histories begin with the log" in told.stdout


def test_the_same_for_a_program(run: Run, files: tuple[Path, Path]) -> None:
    log, columns = files
    told = json.loads(run("backtest", log, "--map", columns, "--policy", "shop", "--json").stdout)
    assert (told["lines"], told["calls"], told["changed"], told["dirty"]) == (5, 3, 1, 1)
    assert told["against"] == "the log" and told["assumed"]
    assert told["first_dirty"] == [{"line": 5, "reason": "no moment: '2026-03-02'"}]
    assert {"what": "class", "before": "partner", "after": "partner", "calls": 1, "missed": 0, "mean_wait_s": 5.0} in (
        told["class"]
    )
    assert [row["name"] for row in told["by_hour"]] == ["10", "11", "12"]
    assert [row["name"] for row in told["by_line"]] == ["+42120550000"]
    assert all(move["before"] == "" for move in told["branch"]), "the log does not say"


def test_where_nothing_is_known_of_then_nothing_is_said_to_change(run: Run, files: tuple[Path, Path]) -> None:
    log, columns = files
    columns.write_text(columns.read_text().replace('caller_class = "class"\n', ""))
    told = run("backtest", log, "--map", columns, "--policy", "shop").stdout
    assert "nothing: the log does not tell what was decided then (--against POLICY)" in told
    assert "outcomes\n" in told and not re.search(r"^\d+ changes?$", told, re.M)
    against = run("backtest", log, "--map", columns, "--policy", "shop", "--against", "clinic").stdout
    assert re.search(r"^\d+ changes?$", against, re.M) and "nothing:" not in against


def test_another_policy_takes_the_place_of_the_log(run: Run, files: tuple[Path, Path]) -> None:
    log, columns = files
    told = json.loads(run("backtest", log, "--map", columns, "--policy", "shop", "--against", "shop", "--json").stdout)
    assert (told["against"], told["changed"]) == ("shop", 0)
    assert all(move["before"] == move["after"] for what in ("class", "branch", "head_start") for move in told[what])


def test_lists_of_changes_and_of_dirty_lines(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    log, columns = files
    lists = [tmp_path / "changes.csv", tmp_path / "dirty.csv"]
    assert not run(
        "backtest", log, "--map", columns, "--policy", "shop", "--changes", lists[0], "--dirty", lists[1]
    ).exit_code
    changes, dirty = (list(csv.DictReader(path.open())) for path in lists)
    assert [(row["line"], row["caller"], row["class_before"], row["class_after"]) for row in changes] == [
        ("3", "+421255501234", "prospect-new", "prospect-again")
    ]
    assert dirty == [{"line": "5", "reason": "no moment: '2026-03-02'"}]


def test_what_is_kept_is_removed_at_the_end(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    log, columns = files
    place = tmp_path / "new" / "place"
    assert not run("backtest", log, "--map", columns, "--policy", "shop", "--resume", place).exit_code
    assert not place.exists()


def test_what_somebody_else_put_there_takes_no_figure_away(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    log, columns = files
    asked = ("backtest", log, "--map", columns, "--policy", "shop", "--resume", tmp_path / "kept", "--json")
    assert run(*asked, "--changes", tmp_path / "kept" / "changed.csv").exit_code == 0
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["changed.csv"]


def test_a_log_without_one_call_is_a_failure(run: Run, files: tuple[Path, Path]) -> None:
    log, columns = files
    log.write_text(LOG.splitlines()[0] + "\n\n")
    refused = run("backtest", log, "--map", columns, "--policy", "shop")
    assert refused.exit_code == 1 and "no call was read" in refused.stderr and "line 2: empty" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--map", "asterisk-crd"), 1, "did you mean 'asterisk-cdr'"),
        (("--map", "anonymous-bank"), 1, "names not one column of this map"),
        (("--map", "asterisk-cdr", "--timezone", "Europe/Nowhere"), 1, "no such time zone"),
        (("--map", "asterisk-cdr", "--jobs", "-1"), 2, "--jobs"),
        ((), 2, "--map"),
    ],
)
def test_what_cannot_be_used_is_refused(
    run: Run, files: tuple[Path, Path], arguments: tuple[str, ...], code: int, words: str
) -> None:
    refused = run("backtest", files[0], "--policy", "shop", *arguments)
    assert refused.exit_code == code and words in refused.stderr


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
def test_moments_beyond_all_calendars_are_dirty_lines_and_never_fatal(run: Run, tmp_path: Path, zone: str) -> None:
    entry = "{0}|{1}.1|sales|NONE|ENTERQUEUE||+12025550100|1\n{0}|{1}.1|sales|anna|COMPLETEAGENT|9|60|1\n"
    epochs = ("-5", "nan", "inf", "253402300799", "99999999999999", "-62135596800", "1" * 400)
    log = tmp_path / "queue_log"
    log.write_text("".join(entry.format(at, n) for n, at in enumerate(("1772442000", *epochs, "1772445600"))))
    days = tmp_path / "days.csv"
    columns = Path(replay.__file__).parent / "maps" / "cdr-table.toml"
    kept = "+12025550100\t1\tx\tPJSIP/a-1\tPJSIP/b-1\t60\tANSWERED\t"
    headings = "calldate\tsrc\tcalled\tdcontext\tchannel\tdstchannel\tbillsec\tdisposition\tuniqueid\n"
    moments = ("2026-03-02 10:00:00", "0001-01-01 00:00:01", "9999-12-31 23:59:59", "2026-03-02 11:00:00")
    days.write_text(headings + "".join(f"{at}\t{kept}{n}\n" for n, at in enumerate(moments)))
    for place, name, dirty in ((log, "queue-log", 14), (days, str(columns), 2)):
        asked = (place, "--map", name, "--timezone", zone, "--json")
        told = run("backtest", *asked, "--policy", "shop")
        assert told.exit_code == 0 and json.loads(told.stdout)["calls"] == 2, told.stderr
        assert json.loads(told.stdout)["dirty"] == dirty
        assert json.loads(told.stdout)["first_dirty"][0]["reason"].startswith("no moment: ")
        for command in (("staffing",), ("economics", "--policy", "shop")):
            said = run(*command, *asked)
            assert said.exit_code == 0, said.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the log is empty"),
        (b"\n \r\n", "the log is empty"),
        (gzip.compress(LOG.encode()), "gzip -dc FILE |"),
        (bz2.compress(LOG.encode()), "bzip2 -dc FILE |"),
        (LOG.encode("utf-16"), "iconv -f utf-16"),
    ],
)
def test_a_file_that_is_no_log_is_refused_with_what_to_do(
    run: Run, files: tuple[Path, Path], content: bytes, words: str
) -> None:
    files[0].write_bytes(content)
    for command in (("backtest",), ("staffing",), ("economics",), ("simulate", "--log")):
        policy = () if command[0] == "staffing" else ("--policy", "shop")
        refused = run(*command, files[0], "--map", files[1], *policy)
        assert refused.exit_code == 1 and words in refused.stderr and str(files[0]) in refused.stderr


def test_the_example_of_the_document_is_true(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "backtest.md").read_text(encoding="utf-8")
    log, columns = (re.findall(rf"^```{kind}\n(.*?)^```$", page, re.M | re.S)[0] for kind in ("text", "toml"))
    (tmp_path / "calls.csv").write_text(log)
    (tmp_path / "calls-map.toml").write_text(columns)
    monkeypatch.chdir(tmp_path)
    asked, shown = re.findall(r"^\$ asterisk-router (.*?)\n(.*?)^\.\.\.$", page, re.M | re.S)[0]
    told = run(*asked.split())
    for line in shown.splitlines():
        assert "Decided in" in line or line in (told.stderr + told.stdout).splitlines(), line


@pytest.mark.skipif(not BANK.exists(), reason=f"the real log is not beside the repository: {BANK.name}")
def test_a_real_month_by_its_own_rule_changes_nobody(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bank.toml").write_text(BANKS_RULE)
    began_s = time.process_time()
    told = json.loads(
        run("backtest", BANK, "--map", "anonymous-bank", "--policy", tmp_path / "bank.toml", "--json").stdout
    )
    took_s = time.process_time() - began_s
    assert told["lines"] == 31_600 and told["skipped"] == {"a virtual call": 240}
    assert told["first_dirty"] == [
        {"line": 21553, "reason": "choice is none of the words: 'AA'"},
        {"line": 29008, "reason": "choice is none of the words: 'AA'"},
    ]
    assert told["calls"] == 31_599 - 240 - 2 and told["changed"] == 0
    assert {(row["name"], row["calls"]) for row in told["by_class"]} == {("regular", 22_628), ("priority", 8_729)}
    assert took_s < 2


def test_records_of_a_database_are_read_as_its_client_writes_them(run: Run, tmp_path: Path) -> None:
    """By the query that stands in the map, over a table with FreePBX's names."""
    columns = Path(replay.__file__).parent / "maps" / "cdr-table.toml"
    (query,) = re.findall(r"^#\s+(SELECT .*)$", columns.read_text(), re.MULTILINE)
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE TABLE cdr (calldate, clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, duration,"
        " billsec, disposition, amaflags, accountcode, uniqueid, userfield, did)"
    )
    for at, (src, context, channel, disposition) in enumerate(
        [
            ("+12025550100", "ext-queues", "PJSIP/trunk-0000001a", "ANSWERED"),
            ("+12025550100", "ext-queues", "PJSIP/trunk-0000001b", "NO ANSWER"),
            ("101", "from-internal", "PJSIP/101-0000001c", "ANSWERED"),
            ("+12025550100", "ext-queues", "Local/400@from-queue-0000001d;2", "ANSWERED"),
        ]
    ):
        database.execute(
            "INSERT INTO cdr (calldate, src, dcontext, channel, disposition, uniqueid, did, dstchannel, billsec)"
            " VALUES (?,?,?,?,?,?,?,'PJSIP/anna-0000001e','60')",
            (f"2026-03-02 10:0{at}:00", src, context, channel, disposition, f"17724456{at}0.7", "+42120550000"),
        )
    rows = database.execute(query)
    lines = ["\t".join(column[0] for column in rows.description), *("\t".join(row) for row in rows)]
    (tmp_path / "calls.tsv").write_text("\n".join(lines) + "\n")
    said = json.loads(
        run("backtest", tmp_path / "calls.tsv", "--map", "cdr-table", "--policy", "shop", "--json").stdout
    )
    assert (said["calls"], said["dirty"]) == (2, 0)
    assert said["skipped"] == {"a call of the house": 1, "the inner half of a call inside Asterisk": 1}


def decided(url: str) -> None:
    """Three calls in a registry, as they are registered: one decided anew after a choice, one withheld, one open."""
    number, line = "+421255500100", "+42120550000"
    vip = BeganCall(
        "1.1", "1.1", 1_780_000_000.0, number, line, "customer-vip", "account-manager", "sales", 480, 15, trust=3,
        facts="open('office')=yes; tag('vip')=yes; tag('customer')=yes; value=12000",
    )  # fmt: skip
    anew = vip._replace(at_s=1_780_000_009.0, choice="8", caller_class="complaint", branch="complaint")
    withheld = BeganCall("1.2", "1.2", 1_780_000_050.0, "", line, "unidentified", "default")
    ended = EndedCall(
        "1.1", "1.1", 1_780_000_000.0, 1_780_000_100.0, number, line, "in", "answered", "talked", "vip", "sales",
        queue="sales", agent="anna", waited_s=12.4, talked_s=83.0,
    )  # fmt: skip
    later = vip._replace(uniqueid="1.3", linkedid="1.3", at_s=1_780_000_500.0)
    register(url, vip, withheld, anew, ended, later)


def test_what_the_registry_decided_is_decided_again(run: Run, redis_server: RedisServer, tmp_path: Path) -> None:
    decided(redis_server.unix_url)
    place = ("--redis", redis_server.unix_url)
    asked = ("backtest", "--registry", "--policy", "shop", "--json")
    straight = run(*asked, *place)
    told = json.loads(straight.stdout)
    assert (told["log"], told["against"], told["calls"], told["further_records"]) == ("the registry", "the log", 3, 1)
    assert told["dirty"] == 0 and told["skipped"] == {}
    moved = {(move["before"], move["after"]) for move in told["class"]}
    assert ("customer-vip", "customer-vip") in moved, "tags and value are known by the facts that were seen"
    for kind in ((), ("--csv",)):
        log = tmp_path / f"decisions{len(kind)}"
        log.write_text(run("calls", "export", "--full", *kind, *place).stdout)
        written = json.loads(run("backtest", log, "--map", "audit", "--policy", "shop", "--json").stdout)
        assert {**written, "seconds": 0, "log": "", "lines": 0} == {**told, "seconds": 0, "log": "", "lines": 0}


def test_what_the_live_policy_withheld_is_no_change(run: Run, redis_server: RedisServer) -> None:
    """The policy that decided them decides them again: without a live line nobody was lifted on a claim."""
    policy = load("shop")
    number, history, records = policy.numbering.normalise("+421255500100"), History(), []
    for at, trust in enumerate((1, 1, 3)):
        at_s = 1_780_300_000 + 3600 * at
        call, caller = IncomingCall("+421255500100", "+42120550000"), Caller(history=history)
        made = policy.decide(call, number, caller, at_s, trust, False)
        records.append(
            BeganCall(
                f"1.{at}", f"1.{at}", at_s, number.key, "+42120550000", made.caller_class, made.branch, made.queue,
                made.head_start_s, made.promised_wait_s, trust=trust, reason=made.reason,
            )
        )  # fmt: skip
        history = add_call(history, at_s, "+42120550000", "unknown")
    assert ["withheld head_start (E1: line unknown)" in each.reason for each in records] == [False, True, False]
    register(redis_server.unix_url, *records)
    asked = ("backtest", "--registry", "--policy", "shop", "--redis", redis_server.unix_url, "--json")
    told = json.loads(run(*asked).stdout)
    assert (told["calls"], told["changed"], told["dirty"]) == (3, 0, 0), told["head_start"]


def test_hidden_numbers_of_an_export_are_no_callers(run: Run, redis_server: RedisServer, tmp_path: Path) -> None:
    decided(redis_server.unix_url)
    log = tmp_path / "decisions.jsonl"
    log.write_text(run("calls", "export", "--redis", redis_server.unix_url).stdout)
    told = json.loads(run("backtest", log, "--map", "audit", "--policy", "shop", "--json").stdout)
    assert told["skipped"] == {"its number is hidden: export with --full": 3} and told["calls"] == 1


def test_a_registry_has_no_file_to_go_on_with(run: Run, tmp_path: Path) -> None:
    refused = run("backtest", "--registry", "--policy", "shop", "--resume", tmp_path / "kept")
    assert refused.exit_code == 2 and "calls export --full" in refused.stderr
    assert run("backtest", "--policy", "shop").exit_code == 2
    away = run("backtest", "--registry", "--policy", "shop", "--redis", "redis://127.0.0.1:1/0")
    assert away.exit_code == 1 and "Traceback" not in away.output


def test_a_log_comes_by_standard_input(run: Run, files: tuple[Path, Path]) -> None:
    told = json.loads(run("backtest", "-", "--map", files[1], "--policy", "shop", "--json", stdin=LOG).stdout)
    assert (told["log"], told["calls"], told["dirty"]) == ("-", 3, 1)
