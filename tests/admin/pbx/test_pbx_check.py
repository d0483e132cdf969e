"""A policy is held against the queues of a PBX: each is there, has agents, and among them somebody with each skill."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.admin.pbx.pbx_check import find_unserved
from asterisk_router.errors import PolicyFault
from asterisk_router.policy.load import inspect
from asterisk_router.queues.events import LineListed, MemberListed, QueueListed

POLICY = """\
[policy]
name = "house"
[queues.sales]
asterisk = "400"
skills = { german = { max_penalty = 3 }, patient = { queue = "care" }, senior = { min_penalty = 5 } }
[queues.care]
[queues.never-used]
[agents.anna]
desk = "PJSIP/anna"
[classes.caller]
branch = "sales"
queue = "sales"
[[classify]]
name = "everybody"
class = "caller"
[[treat]]
when = "hour < 8"
queue = "care"
[[reserve]]
name = "second-row"
queue = "sales"
agents = ["anna"]
"""


def told(folder: Path, **queues: tuple[int, ...]) -> list[PolicyFault]:
    """What is said beside a PBX with these queues, their members given by penalty."""
    (folder / "policy.toml").write_text(POLICY)
    found = inspect(str(folder / "policy.toml"))
    listed = [
        QueueListed(name.strip("_"), tuple(MemberListed(f"PJSIP/{at}", penalty=at) for at in penalties))
        for name, penalties in queues.items()
    ]
    return find_unserved(found.policy, found.entries, "berlin", LineListed(tuple(listed)))


def test_a_pbx_that_has_all_of_it_is_fit(tmp_path: Path) -> None:
    assert told(tmp_path, _400=(0, 5), care=(0,), others=()) == []


def test_a_queue_that_is_not_there_is_an_error_where_the_policy_sends_calls(tmp_path: Path) -> None:
    sales, care = told(tmp_path, caree=(0,))
    assert (sales.line, sales.problem) == (12, "queue: 'sales' ('400' in Asterisk) is no queue of berlin")
    assert (care.line, care.problem) == (18, "queue: 'care' is no queue of berlin")
    assert care.remedy == "did you mean 'caree'?"
    assert {sales.severity, care.severity} == {"error"}


def test_a_queue_without_agents_is_a_warning(tmp_path: Path) -> None:
    (empty,) = told(tmp_path, _400=(), care=(0,))
    assert (empty.line, empty.severity) == (12, "warning")
    assert empty.problem == "queue: 'sales' ('400' in Asterisk) has no agent on berlin now"


def test_a_skill_no_member_has_is_a_warning(tmp_path: Path) -> None:
    (german,) = told(tmp_path, _400=(7, 5), care=(0,))
    assert (german.line, german.severity) == (5, "warning")
    assert german.problem == "skills: no agent of the queue has 'german'"
    assert german.remedy == "its members have the penalties 5, 7"
    (senior,) = told(tmp_path, _400=(0, 3), care=(0,))
    assert senior.problem == "skills: no agent of the queue has 'senior'"
