"""`simulate --log`: a past played again, what it says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.admin.conftest import Run
from tests.admin.past.test_past_queue import HOUSE, MAP, made_up


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """A command line in a folder with a log, its map and a policy."""
    (tmp_path / "calls.csv").write_text(made_up(400) + "slipped\n")
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "house.toml").write_text(HOUSE)
    (tmp_path / "plain.toml").write_text(HOUSE.replace('head_start = "90s", ', ""))
    monkeypatch.chdir(tmp_path)
    log = ("simulate", "--log", "calls.csv", "--map", "map.toml")
    return (*log, "--policy", "house.toml", "--replications", "4")


def test_it_says_how_it_was_and_how_it_would_be(run: Run, asked: tuple[str, ...]) -> None:
    shown = run(*asked, "--agents", "2")
    assert shown.exit_code == 0, shown.output
    assert "line 402: wrong number of columns" in shown.stderr
    parts = ["As it was", "Simulated with the order of the log", "Simulated with house.toml", "Change with house.toml"]
    places = [shown.stdout.index(part) for part in parts]
    assert places == sorted(places)
    assert "An estimate: the log drawn 4 times, seed 1, 95 % intervals. Assumed:" in shown.stdout
    assert "agents are there as said" in shown.stdout
    assert run(*asked, "--agents", "2").stdout == shown.stdout
    assert "agents were there from call to call" in run(*asked).stdout


def test_programs_get_everything(run: Run, asked: tuple[str, ...]) -> None:
    told = json.loads(run(*asked, "--shift", "always=2", "--json").stdout)
    assert (told["before"], told["after"]) == ("the order of the log", "house.toml")
    assert told["dirty"] == 1 and told["calls"] <= 400 and told["assumed"]
    vip = {name: told[name][1] for name in ("as_it_was", "classes_before", "classes_after", "changes")}
    assert {each["class"] for each in vip.values()} == {"vip"} and 0 < vip["as_it_was"]["abandonment"] < 1
    assert vip["classes_before"]["head_start_s"] == 0 and vip["classes_after"]["head_start_s"] == 90
    assert vip["changes"]["mean_wait_s"]["high"] < 0
    same = json.loads(run(*asked, "--agents", "2", "--json").stdout)
    assert same["changes"] == told["changes"]


def test_another_policy_takes_the_place_of_the_first(run: Run, asked: tuple[str, ...]) -> None:
    told = json.loads(run(*asked, "--agents", "2", "--against", "plain.toml", "--json").stdout)
    assert (told["before"], told["after"]) == ("house.toml", "plain.toml")
    assert told["changes"][1]["mean_wait_s"]["low"] > 0


def test_more_agents_shorten_the_wait(run: Run, asked: tuple[str, ...]) -> None:
    def wait_s(*agents: str) -> float:
        classes = json.loads(run(*asked, *agents, "--json").stdout)["classes_after"]
        return float(classes[0]["mean_wait_s"]["mean"])

    night = ("--shift", "mon-sun 08:00-20:00=1")
    assert wait_s("--agents", "3") < wait_s("--shift", "always=1", *night) < wait_s("--agents", "1")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--shift", "mon-fri 8-16=5"), 2, "is no shift: write 'mon-fri 08:00-16:00=5'"),
        (("--shift", "always=2", "--agents", "2"), 2, "not both"),
        (("--calls", "vip=20"), 2, "those of the log"),
        (("--queue", "nobody"), 1, "nobody"),
        (("--against", "no.toml"), 1, "no.toml"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    run: Run, asked: tuple[str, ...], options: tuple[str, ...], code: int, said: str
) -> None:
    refused = run(*asked, *options)
    assert refused.exit_code == code and said in refused.stderr and "Traceback" not in refused.output


def test_a_log_that_tells_no_agents_asks_for_them(run: Run, asked: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP.replace('agent = "agent"\n', ""))
    refused = run(*asked)
    assert refused.exit_code == 1 and "without --agents and --shift needs agent" in refused.stderr
    assert run("simulate", "--policy", "house.toml", "--log", "calls.csv").exit_code == 2
    assert run("simulate", "--policy", "house.toml", "--queue", "sales").exit_code == 2
