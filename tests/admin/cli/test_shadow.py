"""`shadow` on a real daemon: what it shows, and that no call is decided by two versions while they change."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.settings import Address, parse_address
from asterisk_router.wire.incoming_call import IncomingCall
from tests.admin.conftest import Run

CALL = IncomingCall("+42125550100", "+42120550000", uniqueid="berlin-1.1", linkedid="berlin-1.1")
COMMAND = [sys.executable, "-m", "asterisk_router.daemon.main"]


def write(file: Path, name: str) -> None:
    """A policy whose every answer says its name in each of its parts."""
    file.write_text(
        f'[policy]\nname = "{name}"\n[branches.{name}]\n[queues.{name}]\n[classes.{name}]\n'
        f'branch = "{name}"\nqueue = "{name}"\ngreeting = "{name}"\nhead_start = "{len(name)}m"\n'
        f'[[classify]]\nname = "{name}"\nclass = "{name}"\n'
    )


class Site:
    """A daemon with a shadow."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.live, self.shadow, self.state = folder / "live.toml", folder / "new.toml", folder / "s"
        write(self.live, "old")
        write(self.shadow, "later")
        self._run = run
        self._process = subprocess.Popen(
            [
                *COMMAND, "serve", "--policy", str(self.live), "--shadow", str(self.shadow), "--listen", "127.0.0.1:0",
                "--redis", "embedded-process", "--state-dir", str(self.state),
            ],  # fmt: skip
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout
        self.address: Address = parse_address(self._process.stdout.readline().split(" on ")[1].split()[0])

    def run(self, *arguments: str):
        return self._run("shadow", *arguments, "--state-dir", self.state)

    def shown(self) -> dict:
        shown = self.run("show", "--json")
        return json.loads(shown.stdout)[0] if shown.exit_code == 0 else {}

    def until(self, name: str, value: object) -> dict:
        for _ in range(600):
            shown = self.shown()
            if shown.get(name) == value or value is any and shown.get(name):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"{name} never became {value}: {self.shown()}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        assert self._process.stdout
        self._process.stdout.close()


@pytest.fixture
def site(tmp_path: Path, run: Run) -> Iterator[Site]:
    site = Site(tmp_path, run)
    yield site
    site.close()


def test_differences_are_shown_by_kind_and_call_with_the_rules_of_both(site: Site) -> None:
    site.until("shadow_version", any)
    for _ in range(3):
        assert ask(site.address, CALL).variables["ROUTER_BRANCH"] == "old"
    shown = site.until("compared", 3)
    assert shown["different"] == 3
    assert [(kind["calls"], kind["caller_class"], kind["shadow_class"]) for kind in shown["kinds"]] == [
        (3, "old", "later")
    ]
    text = site.run("show", "-n", "1").stdout
    assert "old -> later" in text and "180 s -> 300 s" in text
    assert "live.toml:10" in text and "new.toml:10" in text
    assert "+4212555****" in text and "berlin-1.1" in text
    assert "1 call of the latest" in text


@pytest.mark.alone
def test_there_and_back_under_load_and_no_call_is_mixed(site: Site) -> None:
    """Calls go on all the while; each answer is of one version in all of its parts, and none fails."""
    site.until("shadow_version", any)
    answers: list[dict[str, str]] = []
    over = threading.Event()

    def caller(number: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            answer = ask(site.address, CALL._replace(uniqueid=f"berlin-{number}.{count}"))
            assert answer.complete
            answers.append(answer.variables)
            time.sleep(0.005)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            promoted = site.run("promote")
            assert promoted.exit_code == 0 and "later-" in promoted.stdout and "is in force" in promoted.stdout
            back = site.run("rollback", "--json")
            assert (back.exit_code, json.loads(back.stdout)["in_force"]) == (0, True)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    whole = {
        tuple(answer[f"ROUTER_{part}"] for part in ("CLASS", "BRANCH", "QUEUE", "GREETING", "HEAD_START"))
        + (answer["ROUTER_POLICY"].partition("-")[0],)
        for answer in answers
    }
    assert whole == {("old",) * 4 + ("180", "old"), ("later",) * 4 + ("300", "later")}
    turns = [one["ROUTER_POLICY"] != other["ROUTER_POLICY"] for one, other in zip(answers, answers[1:], strict=False)]
    assert sum(turns) >= 4, "there and back, twice"
    acts = [entry["act"] for entry in json.loads(site.run("history", "--json").stdout)]
    assert acts == ["read", "promoted", "rolled-back", "promoted", "rolled-back"]
    assert "rolled-back" in site.run("history").stdout


def test_a_broken_shadow_stops_nothing(site: Site) -> None:
    site.until("shadow_version", any)
    site.shadow.write_text("broken")
    assert ask(site.address, CALL).complete
    refused = site.run("promote")
    assert refused.exit_code == 1 and f"{site.shadow}:1" in refused.stderr


def test_without_a_daemon_a_sentence_says_what_to_do(run: Run) -> None:
    for command in ("show", "promote"):
        refused = run("shadow", command)
        assert refused.exit_code == 1 and "serve --shadow" in refused.stderr
    assert run("shadow", "rollback").exit_code == 1
    assert run("shadow", "history").stdout.splitlines()[-1] == "0 lines"
