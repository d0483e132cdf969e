"""A policy is held against a dialplan: the templates have what it names, and what is missing is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.pbx.dialplan import PBX_FILES, render
from asterisk_router.admin.pbx.dialplan_check import find_missing, has_person
from asterisk_router.admin.pbx.extensions import Dialplan
from asterisk_router.errors import PolicyError, SettingsError
from asterisk_router.policy.load import Inspected, inspect, shipped

POLICY = """\
[policy]
name = "house"
[branches]
sales = {}
quiz = {}
[queues]
sales = {}
vienna = {}
[classes.caller]
branch = "sales"
queue = "sales"
[[classify]]
name = "everybody"
class = "caller"
[[treat]]
when = "choice == 'quiz'"
branch = "quiz"
queue = "vienna"
"""

# what a site may write for a branch of its own, and whether a person is within reach of key 0 then
OWN = [
    ("exten => quiz,1,Goto(router-queue,sales,1)", True),
    ("exten => quiz,1,Background(hello,m,,router-keys)\n same => n,Hangup()", True),
    ("exten => quiz,1,GotoIf($[1]?no:yes)\n same => n(yes),Gosub(router-greet,s,1)\n same => n(no),Hangup()", True),
    ('exten => quiz,1,ExecIf($["${X}" = "?"]?Background(hello,m,,router-keys):Hangup())', True),
    ("exten => quiz,1,Goto(more,1)\nexten => more,1,WaitExten(5)\nexten => 0,1,Dial(PJSIP/anna)", True),
    ("exten => quiz,1,Queue(sales)", True),
    ("exten => quiz,1,Queue(elsewhere)", False),
    ("exten => quiz,1,Answer()\n same => n,Playback(hello)\n same => n,Hangup()", False),
    ("exten => quiz,1,Background(hello)\n same => n,Hangup()", False),
    ("exten => quiz,1,WaitExten(5)\nexten => 0,1,Playback(goodbye)", False),
    ("exten => quiz,1,Goto(nowhere,s,1)", False),
    ("exten => quiz,1,Goto(quiz,1)", False),
    ("exten => quiz,1,Dial(PJSIP/anna)", False),
]


def inspected(folder: Path) -> Inspected:
    file = folder / "policy.toml"
    file.write_text(POLICY)
    return inspect(str(file))


def site(folder: Path, pbx: str, found: Inspected | None = None, own: str = "") -> Path:
    """A directory with the rendered templates, and the site's own branches among them."""
    policy = found.policy if found else inspect("shop").policy
    queues = {name: rules.asterisk for name, rules in policy.queue_rules.items()} if found else {}
    folder = folder / pbx
    folder.mkdir()
    for name, text in render(pbx, branches=policy.branches if found else (), queues=queues).items():
        (folder / name).write_text(text)
    (folder / "extensions_own.conf").write_text(f"[router-branches-custom]\n{own}\n")
    return folder


@pytest.mark.parametrize("pbx", PBX_FILES)
@pytest.mark.parametrize("name", shipped())
def test_the_templates_have_all_that_a_shipped_policy_names(tmp_path: Path, pbx: str, name: str) -> None:
    found = inspect(name)
    directory = site(tmp_path, pbx, found)
    assert find_missing(found.entries, directory) == []
    dialplan = Dialplan()
    dialplan.read(directory)
    branches = dialplan.contexts["router-branches"]
    assert len(branches) > 10 and all(has_person(dialplan, ("router-branches", each)) for each in branches)


@pytest.mark.parametrize(("own", "reached"), OWN)
def test_a_branch_of_the_site_has_a_person_at_key_0_or_not(tmp_path: Path, own: str, reached: bool) -> None:
    found = inspected(tmp_path)
    told = find_missing(found.entries, site(tmp_path, "plain", found, own))
    assert [(fault.line, fault.column) for fault in told] == ([] if reached else [(17, 11)])
    for fault in told:
        assert fault.problem == "branch: nobody is within reach of key 0 in 'quiz' at extensions_own.conf:2"
        assert fault.severity == "error" and "router-keys" in fault.remedy


@pytest.mark.parametrize("pbx", PBX_FILES)
@pytest.mark.parametrize("instead", ["", "exten => 0,1,Playback(goodbye)"])
def test_a_dialplan_that_lost_its_key_0_has_it_in_no_branch(tmp_path: Path, pbx: str, instead: str) -> None:
    directory = site(tmp_path, pbx, inspect("shop"))
    person = "exten => 0,1,Goto(router-person,s,1)"
    for path in directory.glob("extensions*.conf"):
        path.write_text(path.read_text().replace(person, instead))
    told = find_missing(inspect("shop").entries, directory)
    lacking = {fault.problem.split("'")[1] for fault in told}
    assert lacking == {each.fields["branch"] for each in inspect("shop").entries.of("classes")} | {
        each.fields["branch"] for each in inspect("shop").entries.of("treat") if "branch" in each.fields
    }, told


def test_what_the_dialplan_lacks_is_told_where_the_policy_names_it(tmp_path: Path) -> None:
    branch, queue = find_missing(inspected(tmp_path).entries, site(tmp_path, "plain"))
    assert (branch.line, branch.problem[:28]) == (17, "branch: no extension 'quiz' ")
    assert (queue.line, queue.problem[:29]) == (18, "queue: no extension 'vienna' ")


def test_a_directory_without_our_dialplan_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no .router-branches."):
        find_missing(inspected(tmp_path).entries, tmp_path)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    from asterisk_router.admin.policies import checked

    inspected(tmp_path)
    with pytest.raises(PolicyError) as refused:
        checked(str(tmp_path / "policy.toml"), dialplan=site(tmp_path, "plain"))
    assert [fault.severity for fault in refused.value.faults] == ["warning", "error", "error"]
