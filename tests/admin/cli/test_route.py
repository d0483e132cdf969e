"""`route`: the decision on the screen and as JSON, with and without Redis."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

SHOP = ("+42125550100", "--line", "+42120550000", "--policy", "shop")
MORNING = ("--at", "2026-11-23T09:30+01:00")


def routed(run: Run, *arguments: str) -> dict[str, object]:
    shown = run("route", *SHOP, *MORNING, "--json", *arguments)
    assert shown.exit_code == 0, shown.stderr
    answer: dict[str, object] = json.loads(shown.stdout)
    return answer


def test_the_example_of_the_document_is_true(run: Run) -> None:
    page = (Path(__file__).parents[3] / "docs" / "explain.md").read_text(encoding="utf-8")
    asked, *tables = re.findall(r"^```\n(.*?)^```$", page, re.M | re.S)[:3]
    told = run(*shlex.split(asked.replace("\\\n", ""))[1:], *MORNING).stdout
    rows = [re.split(r"  +", line) for line in told.splitlines()]
    for line in "".join(tables).splitlines():
        shown = [re.escape(cell).replace(r"\.\.\.", ".*") for cell in re.split(r"  +", line)]
        there = (len(row) == len(shown) and all(map(re.fullmatch, shown, row)) for row in rows)
        assert any(there), f"{line}\n{told}"


def test_no_redis_is_needed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    answer = routed(run)
    assert answer["number"] == "+42125550100"
    assert (answer["class"], answer["branch"], answer["queue"]) == ("prospect-new", "sales", "sales")
    assert (answer["head_start_s"], answer["degraded"]) == (60, False)
    assert str(answer["where"]).startswith("shop.toml:") and str(answer["where"]) in str(answer["reason"])
    assert str(answer["policy_version"]).startswith("shop-")
    assert isinstance(answer["microseconds"], float) and answer["greeting"] and answer["rule"]


@pytest.mark.parametrize(
    ("imagined", "caller_class"),
    [
        (("--tag", "supplier"), "partner"),
        (("--tag", "customer", "--value", "20000"), "customer-vip"),
        (("--tag", "competitor"), "prospect-new"),
        (("--tag", "competitor", "--trust", "E2", "--decoy"), "prospect-new"),
        (("--approved", "competitor", "--trust", "E2"), "prospect-new"),
        (("--approved", "competitor", "--trust", "E2", "--decoy"), "competitor"),
        (("--choice", "complaint"), "complaint"),
        (("--open-matter", "incident"), "incident"),
        (("--presentation", "prohib"), "unidentified"),
    ],
)
def test_what_is_imagined_counts(run: Run, imagined: tuple[str, ...], caller_class: str) -> None:
    assert routed(run, *imagined)["class"] == caller_class


def test_a_tag_that_no_rule_asks_for_is_told(run: Run) -> None:
    shown = run("route", *SHOP, *MORNING, "--json", "--tag", "suplier", "--approved", "competitor", "--tag", "customer")
    assert shown.exit_code == 0 and json.loads(shown.stdout)["class"] == "customer-order"
    assert shown.stderr == "no rule asks for tag('suplier') (did you mean 'supplier'?)\n"


def test_time_counts(run: Run) -> None:
    closed = run("route", *SHOP, "--at", "2026-11-23T22:30+01:00", "--json")
    assert json.loads(closed.stdout)["branch"] == "sales-info"


def test_an_imagined_load_counts_and_is_shown(run: Run) -> None:
    load = ("--load", "sales.free=0", "--load", "sales.pressure=busy", "--load", "anna.free=true")
    answer = routed(run, "--explain", *load)
    assert (answer["branch"], answer["call_back"]) == ("sales-info", True)
    rules = answer["rules"]
    assert isinstance(rules, list)
    seen = {atom["text"]: atom["value"] for rule in rules for atom in rule["atoms"]}
    assert (seen["queue('sales').free == 0"], seen["pressure('sales') == overloaded"]) == ("0", "busy")


@pytest.mark.parametrize(
    ("load", "remedy"),
    [
        ("sals.free=0", "did you mean 'sales'?"),
        ("sales.free=many", "without quotes"),
        ("sales.pressure=bussy", "did you mean 'busy'?"),
        ("sales=3", "write 'sales.free'"),
        ("sales.free", "without quotes"),
    ],
)
def test_a_load_that_cannot_be_is_refused_in_one_line(run: Run, load: str, remedy: str) -> None:
    shown = run("route", *SHOP, *MORNING, "--load", load)
    assert shown.exit_code == 1
    assert "--load: " in shown.stderr and remedy in shown.stderr and "Traceback" not in shown.stderr


def test_explain_shows_every_rule_with_what_it_saw(run: Run) -> None:
    rules = routed(run, "--explain", "--tag", "customer")["rules"]
    assert isinstance(rules, list)
    assert [rule["name"] for rule in rules if rule["result"] == "won"] == ["customer"]
    seen = {atom["text"]: atom["value"] for rule in rules for atom in rule["atoms"]}
    assert (seen["tag('customer')"], seen["tag('supplier')"]) == ("yes", "no")
    table = run("route", *SHOP, *MORNING, "--explain", "--tag", "customer").stdout
    assert "tag('supplier'): no" in table and f"{len(rules)} rules" in table


def test_with_redis_the_caller_is_looked_up(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url)
    run("tag", "add", SHOP[0], "supplier", *where)
    assert routed(run, *where)["class"] == "partner"
    assert json.loads(run("caller", "show", SHOP[0], "--json", *where).stdout)["history"]["calls"] == 0


def test_with_redis_away_the_decision_is_degraded(run: Run) -> None:
    answer = routed(run, "--redis", "unix:///nonexistent/redis.sock")
    assert answer["degraded"] is True


OPTIONS = {
    "at": "--at", "line": "--line", "value": "--value", "choice": "--choice", "trust": "--trust", "trunk": "--trunk",
    "presentation": "--presentation", "own_agent": "--own-agent",
}  # fmt: skip
LISTS = {"tags": "--tag", "open_matters": "--open-matter"}
FOLLOWS = {"known", "attestation", "verification"}


def as_options(call: dict[str, object]) -> list[str] | None:
    """How a call is imagined by options of `route`; None where it has no such option."""
    options: list[str] = []
    for key, value in call.items():
        if key in OPTIONS and not (key == "trust" and value == "E0"):
            options += [OPTIONS[key], str(value)]
        elif key in LISTS and isinstance(value, list):
            options += [word for each in value for word in (LISTS[key], each)]
        elif key == "load" and isinstance(value, dict):
            options += [word for name, said in value.items() for word in ("--load", f"{name}={said}")]
        elif key not in FOLLOWS and value != "E0":
            return None
    return options


def test_what_would_change_the_outcome_does_when_tried_by_options(run: Run) -> None:
    now = routed(run, "--explain")
    claims = now["what_if"]
    assert isinstance(claims, list)
    tried = 0
    for claim in claims:
        options = as_options(claim["call"]) if claim["call"] else None
        if options:
            tried += 1
            otherwise = routed(run, *options)
            then = {{"caller_class": "class"}.get(name, name): value for name, value in claim["then"].items()}
            assert {name: otherwise[name] for name in then} == then, claim
    assert tried >= 15
    assert {claim["would"] for claim in claims} == {"win", "lose", "add"}


def test_what_would_have_to_change_stands_below_the_rules(run: Run) -> None:
    table = " ".join(run("route", *SHOP, *MORNING, "--explain", "--load", "sales.free=2").stdout.split())
    assert "queue('sales').free were 0, not 2 branch sales-info load = { \"sales.free\" = 0 }" in table
    assert "never seen lose seen were yes, not no class prospect-again" in table
    assert "more are not for class prospect-new" in table
