"""A skill the policy asks for, on a real Asterisk: who is rung, who is not, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.followed import calls, hang_up, until
from tests.live.site import LIFTED_S, Site

pytestmark = pytest.mark.live

GERMAN, PATIENT, ANYBODY = "+42120550001", "+42120550002", "+42120550003"
"""Lines whose callers ask for a skill, or for none."""

POLICY = f"""
[policy]
name = "skills"
[numbering]
country = "SK"
[lines."{GERMAN}"]
kind = "german"
language = "de"
[lines."{PATIENT}"]
kind = "patient"
[queues.sales]
skills = {{ german = {{ max_penalty = 3 }}, patience = {{ queue = "support" }} }}
[queues.support]
[classes]
default = {{ branch = "incident", queue = "sales" }}
[[classify]]
name = "everybody"
class = "default"
[[treat]]
name = "german"
when = "line.kind == 'german'"
skill = "german"
[[treat]]
name = "patient"
when = "line.kind == 'patient'"
skill = "patience"
"""

SPEAKS_GERMAN, SPEAKS_NONE = "Local/talks-german@test-agent/n", "Local/talks-none@test-agent/n"


@pytest.fixture
def site(plain_site: Site, tmp_path: Path) -> Iterator[Site]:
    """A site with an agent who speaks German, penalty 2, and one who does not, penalty 5."""
    path = tmp_path / "skills.toml"
    path.write_text(POLICY)
    plain_site.watcher.forget()
    plain_site.router.start(str(path))
    with plain_site.staffed():
        for agent, penalty in ((SPEAKS_GERMAN, 2), (SPEAKS_NONE, 5)):
            plain_site.pbx.cli(f"queue add member {agent} to sales penalty {penalty}")
        yield plain_site
        hang_up(plain_site)
        for agent in (SPEAKS_GERMAN, SPEAKS_NONE):
            plain_site.pbx.cli(f"queue remove member {agent} from sales")
    plain_site.router.stop()


def taken_by(site: Site, uniqueid: str) -> list[str]:
    """Who took the call up: one at most."""
    return [event["Interface"] for event in site.watcher.calls[uniqueid].events if event["Event"] == "AgentConnect"]


def happened_s(site: Site, uniqueid: str, kind: str) -> float:
    """When that befell the call, by Asterisk's clock."""
    return next(float(event["Timestamp"]) for event in site.watcher.calls[uniqueid].events if event["Event"] == kind)


def test_a_skill_waits_for_those_who_have_it_and_not_for_ever(site: Site) -> None:
    first = calls(site, GERMAN, "router-in")
    until(lambda: taken_by(site, first) == [SPEAKS_GERMAN])
    assert "CHANNEL(language)=de" in "".join(site.watcher.calls[first].ran("ExecIf"))
    second = calls(site, GERMAN, "router-in")
    until(lambda: taken_by(site, second))
    assert taken_by(site, second) == [SPEAKS_NONE]
    assert happened_s(site, second, "AgentConnect") - happened_s(site, second, "QueueCallerJoin") > LIFTED_S - 2


def test_who_asks_for_no_skill_is_not_kept_waiting_for_one(site: Site) -> None:
    site.pbx.cli(f"queue pause member {SPEAKS_GERMAN}")
    anybody = calls(site, ANYBODY, "router-in")
    until(lambda: taken_by(site, anybody) == [SPEAKS_NONE])


def test_a_skill_may_be_a_queue(site: Site) -> None:
    patient = calls(site, PATIENT, "router-in")
    joined = [event["Queue"] for event in site.watcher.calls[patient].events if event["Event"] == "QueueCallerJoin"]
    assert joined == ["support"]
