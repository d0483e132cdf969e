"""The dialplan as written: whole, plain in every name, and no word of a caller where it could act."""

from __future__ import annotations

import re

import pytest

from asterisk_router.admin.pbx.dialplan import (
    ARI_FILES,
    BRANCHES,
    PBX_FILES,
    QUEUES,
    REPORTED,
    SECRET_FILES,
    WRITTEN_OUT,
    Stasis,
    render,
)
from asterisk_router.errors import SettingsError
from asterisk_router.wire.ami_events import KINDS
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES
from asterisk_router.wire.incoming_call import QUERY_NAMES
from tests.admin.walked_dialplan import Dialplan

RAW = re.compile(r"\$\{(?:CALLERID\((?:num|name|dnid)\)|REDIRECTING\(from-num\)|EXTEN)\}")


def extensions(pbx: str, **options: object) -> str:
    return render(pbx, **options)[PBX_FILES[pbx][0]]  # type: ignore[arg-type]


def agi_line(text: str) -> str:
    (line,) = re.findall(r"^ same => n,(AGI\((?!agi://[^/]*/ended).*)$", text, re.MULTILINE)
    return str(line)


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_the_query_speaks_the_names_the_router_reads(pbx: str) -> None:
    text = extensions(pbx)
    caller = "".join(re.findall(r"Set\(ROUTER_CALLER=(.*)\)$", text, re.MULTILINE))
    assert set(re.findall(r"(?<![\w.])(\w+)=", caller + agi_line(text))) == set(QUERY_NAMES) - {"end"}


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_the_words_of_a_caller_are_encoded_or_filtered_wherever_they_stand(pbx: str) -> None:
    asked = extensions(pbx).partition("\n[router-ask]\n")[2].partition("\n[router-forget]\n")[0]
    for line in asked.splitlines():
        bare = RAW.sub("RAW", line.split(";")[0])
        safe = re.sub(r"\$\{URIENCODE\(RAW\)\}|\$\{FILTER\([^,]*,RAW\)\}|\$\{LEN\(RAW\)\}", "", bare)
        assert "RAW" not in safe, line


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_every_branch_is_an_extension_once(pbx: str) -> None:
    branches = extensions(pbx).partition("\n[router-branches]\n")[2].partition("\n[")[0]
    written = re.findall(r"^exten => ([\w-]+),1,", branches, re.MULTILINE)
    assert sorted(written) == sorted([*(branch.name for branch in BRANCHES), *WRITTEN_OUT])


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_every_jump_of_the_templates_has_a_place_to_land(pbx: str) -> None:
    text = re.sub(r";.*", "", extensions(pbx))
    there = set(re.findall(r"^\[([\w-]+)\]", text, re.MULTILINE))
    jumps = set(re.findall(r"(?:Goto|Gosub|\?)\(?(router-[\w-]+),", text))
    assert jumps and jumps <= there
    assert len(re.findall(r"^\[", text, re.MULTILINE)) == len(there)


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_no_comment_cuts_a_step_short(pbx: str) -> None:
    for text in render(pbx).values():
        for line in text.splitlines():
            assert line.startswith(";") or ";" not in line.replace("\\;", ""), line
            assert len(line) < 1000


def test_a_policy_s_own_branches_and_queues_get_a_place() -> None:
    files = render("plain", branches=["sales", "triage"], queues={"sales": "sales", "nurses": "nurses"})
    assert "exten => triage,1,Gosub(router-answer,s,1)" in files["extensions_router.conf"]
    assert "exten => nurses,1,Queue(nurses," in files["extensions_router.conf"]
    assert "[nurses](router-defaults)" in files["queues_router.conf"]
    assert files["extensions_router.conf"].count("exten => sales,1,") == 2  # the branch and the queue
    assert f"exten => nurses,1,Goto({400 + len(QUEUES)},1)" in extensions("freepbx", queues={"nurses": "nurses"})


def test_a_queue_goes_by_its_name_in_asterisk() -> None:
    files = render("plain", queues={"sales": "600", "nurses": "Ward.7"})
    assert "exten => sales,1,Queue(600," in files["extensions_router.conf"]
    assert "exten => nurses,1,Queue(Ward.7," in files["extensions_router.conf"]
    assert "[600](router-defaults)" in files["queues_router.conf"]
    assert "[sales](router-defaults)" not in files["queues_router.conf"]
    freepbx = extensions("freepbx", queues={"sales": "600", "700": "700"})
    assert "exten => sales,1,Goto(600,1)" in freepbx
    assert "exten => 700," not in freepbx, "a number leads to FreePBX's queue by itself"


def test_the_router_is_asked_where_it_listens() -> None:
    assert agi_line(extensions("plain", host="10.0.0.7", port=4574)).startswith("AGI(agi://10.0.0.7:4574/route?")
    assert agi_line(extensions("plain", host="::1")).startswith("AGI(agi://[::1]:4573/route?")
    script = agi_line(extensions("plain", script="asterisk-router-agi"))
    assert script.startswith("AGI(asterisk-router-agi,${ROUTER_CALLER}&")
    assert "agi://" not in script


def test_the_guard_is_in_seconds() -> None:
    assert "Set(TIMEOUT(absolute)=0.3)" in extensions("plain")
    assert "Set(TIMEOUT(absolute)=0.05)" in extensions("plain", guard_ms=50)


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_no_two_installations_share_a_secret(pbx: str) -> None:
    (name,) = set(SECRET_FILES) & set(PBX_FILES[pbx])
    one, other = (re.findall(r"(?m)^secret = (\S{32})$", render(pbx)[name]) for _ in range(2))
    assert len(one) == len(other) == 1 and one != other
    assert "\nsecret = of-ours.only\n" in render(pbx, secret="of-ours.only")[name]


def test_the_manager_user_hears_what_the_router_understands_and_may_write_nothing() -> None:
    text = render("plain")["manager_router.conf"]
    assert re.findall(r"(?m)^eventfilter\(action\(include\),name\((\w+)\)\) =$", text) == list(KINDS)
    assert re.findall(r"(?m)^(?:read|write) =.*$", text) == ["read = agent", "write ="]
    assert "\nwrite = agent,originate\n" in render("plain", rights={"originate", "agent"})["manager_router.conf"]


@pytest.mark.parametrize("pbx", PBX_FILES)
@pytest.mark.parametrize("broadcast", [False, True])
def test_over_ari_the_same_is_asked_and_only_the_asking_differs(pbx: str, broadcast: bool) -> None:
    by_agi, by_ari = (
        render(pbx, secret="of-ours.only"),
        render(pbx, stasis=Stasis(("a", "b"), broadcast), secret="of-ours.only"),
    )
    assert [*by_ari] == [*PBX_FILES[pbx], *ARI_FILES[pbx]]
    name = PBX_FILES[pbx][0]
    assert {file: by_ari[file] for file in PBX_FILES[pbx][1:]} == {file: by_agi[file] for file in PBX_FILES[pbx][1:]}
    old, new = by_agi[name].splitlines(), by_ari[name].splitlines()
    (asked,) = (line.partition("/route?")[2] for line in old if "/route?" in line)
    asking = [line for line in new if "n,Stasis" in line]
    assert len(asking) == (1 if broadcast else 2) and all(line.endswith(f",{asked}") for line in asking)
    assert "AGI" not in "".join(line for line in new if not line.startswith(";"))
    texts = [variable.name for variable in CHANNEL_VARIABLES if variable.kind == "text"]
    assert [line for line in new if "URIDECODE" in line] == [
        f" same => n,Set({text}=${{URIDECODE(-${{{text}}}):1}})" for text in texts
    ]
    assert around_the_asking(old) == around_the_asking(new)


def around_the_asking(lines: list[str]) -> list[str]:
    return lines[: lines.index("[router-ask]")] + lines[lines.index("[router-ended]") :]


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_the_end_is_reported_where_nothing_can_hold_a_channel(pbx: str) -> None:
    """AGI on a channel that is over waits for the other side without limit: a file does not."""
    assert "/ended?" not in extensions(pbx) + extensions(pbx, script="asterisk-router-agi", host="192.0.2.7")
    assert "/ended?" not in extensions(pbx, host="::1")
    assert "AGI(agi://192.0.2.7:4573/ended?${ROUTER_END})" in extensions(pbx, host="192.0.2.7")


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_the_report_of_the_end_is_read_by_its_names(pbx: str) -> None:
    handler = extensions(pbx).partition("\n[router-ended]\n")[2].partition("\n[")[0]
    assert set(re.findall(r"(?:\}|\\;|=)(\w+)=\$\{FILTER", handler)) == set(REPORTED)
    (query,) = re.findall(r"ROUTER_END=(uid=.*)\)$", handler, re.MULTILINE)
    assert set(re.findall(r"(?<![\w.])(\w+)=", query)) <= set(QUERY_NAMES)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pbx": "asterisknow"}, "one of: plain, freepbx"),
        ({"pbx": "plain", "branches": ["s,1\nexten"]}, "cannot be an extension"),
        ({"pbx": "plain", "queues": {"a b": "a"}}, "cannot be an extension"),
        ({"pbx": "plain", "queues": {"a": "a,b"}}, "cannot be a queue of Asterisk"),
        ({"pbx": "plain", "host": "a)b"}, "cannot ask at"),
        ({"pbx": "plain", "port": 70000}, "cannot ask at"),
        ({"pbx": "plain", "script": "a,b"}, "no name of an AGI script"),
        ({"pbx": "plain", "guard_ms": 0}, "guard"),
        ({"pbx": "plain", "stasis": Stasis(())}, "an ARI application of its own"),
        ({"pbx": "plain", "stasis": Stasis(("a", "a"))}, "an ARI application of its own"),
        ({"pbx": "plain", "stasis": Stasis(("a,b",))}, "no name of an ARI application"),
        ({"pbx": "plain", "stasis": Stasis(secret="short")}, "password"),
        ({"pbx": "plain", "stasis": Stasis(), "script": "x"}, "asked about once"),
        ({"pbx": "plain", "secret": "short"}, "secret"),
        ({"pbx": "plain", "secret": "a\nwrite = all"}, "secret"),
    ],
)
def test_what_cannot_be_written_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        render(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_an_inspector_reaches_a_person_behind_one_greeting_and_one_menu(pbx: str) -> None:
    ways = Dialplan(extensions(pbx)).ways("router-branches", "inspector")
    assert ways and all(way.person for way in ways)
    menus = [[said for said in way.heard if said[1].startswith("${ROUTER_")] for way in ways]
    assert max(map(len, menus)) == 2
    assert all(said[1].startswith(("${ROUTER_", "queue-holdtime", "ROUTER_KEY")) for way in ways for said in way.heard)


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_0_leads_to_a_person_from_whatever_is_played_in_a_branch(pbx: str) -> None:
    dialplan = Dialplan(extensions(pbx))
    contexts = {
        said.split(",")[3]
        for name in [*(branch.name for branch in BRANCHES), *WRITTEN_OUT]
        for way in dialplan.ways("router-branches", name)
        for application, said in way.heard
        if application == "Background"
    }
    assert contexts == {"router-keys", "router-decoy-keys"}
    for context in contexts:
        ways = dialplan.ways(context, "0")
        assert ways and all(way.person for way in ways)
        assert {said for way in ways for _, said in way.heard if not said.startswith("queue-holdtime")} == set()
