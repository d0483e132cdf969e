# ruff: noqa: E501 - one broken policy a line is easier to read than four lines of each
"""A policy is loaded whole or refused whole, with every fault placed to the character."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asterisk_router.errors import PolicyError, PolicyFault
from asterisk_router.policy.load import files_of, load, shipped

BASE = """\
[policy]
name = "house"
timezone = "Europe/Bratislava"

[numbering]
country = "SK"

[agents.anna]
desk = "PJSIP/anna"

[holidays.sk]
dates = ["12-24"]

[schedules.office]
open = ["mon-fri 08:00-18:00"]

[lines."+42125550000"]
kind = "office"
campaign = "spring"

[projects.acme]

[classes.vip]
branch = "account-manager"

[classes.rest]
branch = "default"
"""

CLOSE = """
[[classify]]
name = "everybody else"
class = "rest"
"""


def when(condition: str) -> str:
    return f'{BASE}\n[[classify]]\nname = "rule"\nwhen = "{condition}"\nclass = "vip"\n{CLOSE}'


def treat(condition: str) -> str:
    return f'{BASE}{CLOSE}\n[[treat]]\nwhen = "{condition}"\nbranch = "sales"\n'


def extra(text: str) -> str:
    return f"{BASE}{CLOSE}\n{text}\n"


def refused(folder: Path, text: str) -> list[PolicyFault]:
    file = folder / "policy.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load(str(file))
    assert all(fault.file == str(file) for fault in caught.value.faults)
    return caught.value.faults


# ¦ marks the character at which the fault must be placed
BROKEN = [
    # the words of a condition
    (when("¦sen"), "unknown fact 'sen'", "'seen'"),
    (when("seen and ¦vallue > 3"), "unknown fact 'vallue'", "'value'"),
    (when("tag('a') or not ¦quue('sales').free > 1"), "unknown fact", "'queue.free'"),
    (when("tag(¦'VIP')"), "no tag", "'vip'"),
    (when("tag(¦vip)"), "text in quotes", "tag('vip')"),
    (when("¦tag"), "needs brackets", "tag('vip')"),
    (when("¦seen(1)"), "takes nothing", "write seen"),
    (when("¦value"), "not yes or no", "value > 0"),
    (when("¦seen == 1"), "is not compared", "`seen`"),
    (when("value > ¦'many'"), "whole number", "value > 0"),
    (when("value > ¦1.5"), "whole number", "value > 0"),
    (when("country == ¦5"), "text in quotes", "country =="),
    (when("¦country > 'SK'"), "no order", "=="),
    (when("country == ¦'slovakia'"), "no country", "'SL'"),
    (when("language == ¦'en_GB'"), "no language", "'sk'"),
    (when("number_kind == ¦'withold'"), "never 'withold'", "'withheld'"),
    (when("weekday in ['sat', ¦'son']"), "never 'son'", "'sun'"),
    (when("trust >= ¦E7"), "unknown fact", ""),
    (when("trust >= ¦'E7'"), "never 'E7'", "E"),
    (when("time > ¦'25:00'"), "no time", "'18:00'"),
    (when("line == ¦'+42125550001'"), "unknown line", "'+42125550000'"),
    (when("line.kind == ¦'offise'"), "unknown line.kind 'offise'", "'office'"),
    (when("line.campaign == ¦'summer'"), "unknown line.campaign", "spring"),
    (when("¦line.colour == 'red'"), "unknown fact 'line.colour'", ""),
    (when("project == ¦'acmee'"), "unknown project", "'acme'"),
    (when("last_agent == ¦'ana'"), "unknown agent", "'anna'"),
    (when("open(¦'ofice')"), "unknown schedule", "'office'"),
    (when("holiday(¦'cz')"), "unknown holidays", "sk"),
    (when("queue(¦'sale').free > 0"), "unknown queue", "'sales'"),
    (when("¦queue('sales')"), "no fact by itself", ".free"),
    (when("queue('sales').longest_wait > ¦'2'"), "no duration", "'2m'"),
    (when("pressure('sales') == ¦'bussy'"), "never 'bussy'", "'busy'"),
    (when("agent(¦mine).free"), "unknown agent", "own"),
    (when("agent(¦'ana').free"), "unknown agent", "'anna'"),
    (when("calls(days=¦0) > 1"), "days=", ""),
    (when("¦calls(weeks=1) > 1"), "days= or hours=", "calls(days=7)"),
    (when("share(¦200)"), "whole percentage", "share(10)"),
    (when("prefix(¦'0x')"), "no beginning", "+4212"),
    (when("¦in_class('vip')"), "while the call is classified", "[[treat]]"),
    (when("¦True"), "no condition", "leave"),
    (when("¦1 < 2"), "two values", "fact"),
    (when("value > ¦orders"), "two facts", "value"),
    (when("¦'SK' in country"), "left of `in`", "in ['a', 'b']"),
    (when("country in ¦'SK'"), "needs a list", "in ['a', 'b']"),
    (when("¦value is 3"), "does not compare", "=="),
    (when("¦value + 1 > 3"), "no fact", "name a fact"),
    (when("¦known(1, 2)"), "takes one fact", "known("),
    (when("seen and ¦"), "cannot be read", ""),
    (when("¦seen seen"), "cannot be read", "and, or, not"),
    (when("seen &¦& redirected"), "cannot be read", "write `and`"),
    (when("¦__import__('os').system('true') == 1"), "no fact", "name a fact"),
    (when("¦[x for x in (1,)]"), "no fact", ""),
    (treat("in_class(¦'vipp')"), "unknown class", "'vip'"),
    (f'{BASE}\n[[classify]]\nname = "x"\nwhen = """seen and\n  ¦vallue > 1"""\nclass = "vip"\n{CLOSE}', "unknown fact", "'value'"),
    (f'{BASE}\n[[classify]]\nname = "x"\nwhen = "tag(\\"a\\") or tag(¦\\"B\\")"\nclass = "vip"\n{CLOSE}', "no tag", "'b'"),
    # what can never happen
    (f'{BASE}\n[[classify]]\nname = "x"\nwhen = ¦"hour < 3 and hour > 4"\nclass = "vip"\n{CLOSE}'.replace('¦"', '"¦'), "can never hold", ""),
    (when("¦" + " and ".join(f"(tag('a{n}') or tag('b{n}'))" for n in range(7))), "64 alternatives", "several rules"),
    (f'{BASE}\n[[classify]]\nname = "a"\nclass = "vip"\n[[classify]]\nname = "b"\nwhen = "¦seen"\nclass = "rest"\n{CLOSE}', "never reached: 'a'", "move it up"),
    (f'{BASE}\n[[classify]]\nname = "a"\nwhen = "value > 5"\nclass = "vip"\n[[classify]]\nname = "b"\nwhen = "¦seen and value >= 7"\nclass = "vip"\n{CLOSE}', "never reached: 'a' at policy.toml:", "move it up"),
    (f'{BASE}\n[[classify]]\nname = "a"\nwhen = "tag(\'x\')"\nclass = "vip"\n[[classify]]\nname = "b"\nwhen = "¦tag(\'y\') and tag(\'x\')"\nclass = "vip"\n{CLOSE}', "never reached: 'a'", "move it up"),
    (f'{BASE}{CLOSE}[[¦classify]]\nname = "again"\nclass = "vip"\n', "never reached: 'everybody else'", "move it up"),
    (f'{BASE}[[classify]]\nname = "x"\nwhen = "¦seen"\nclass = "vip"\n', "must match everything", "everybody else"),
    (BASE.replace("[policy]", "[¦policy]"), "no [[classify]] rule closes", "everybody else"),
    (f'{BASE}\n[[classify]]\nname = "everybody else"\nwhen = "seen"\nclass = "vip"\n{CLOSE}'.replace('name = "everybody else"\nclass', 'name = "¦everybody else"\nclass'), "two [[classify]] rules", "policy.toml:"),
    # names and keys
    (extra("[¦polcy]\n"), "unknown section 'polcy'", "'policy'"),
    (extra('[classes.x]\nbranch = "sales"\n¦quue = "sales"'), "unknown key 'quue'", "'queue'"),
    (extra('[classes.x]\nbranch = "¦sails"'), "'sails' is not defined", "'sales'"),
    (extra('[classes.x]\nbranch = "sales"\nqueue = "¦suport"'), "'suport' is not defined", "'support'"),
    (extra("[classes.¦x]\nqueue = 'sales'"), "'branch' is missing", ""),
    (extra('[classes.x]\nbranch = "sales"\ngreeting = "¦hello,world"'), "cannot be put in the dialplan", "hello-world"),
    (extra('[classes.x]\nbranch = "sales"\ngreeting = "¦a/{class}"'), "{class}", "{language}"),
    (extra('[classes.x]\nbranch = "sales"\nscreen = "¦{nme}"'), "{nme}", "'name'"),
    (extra('[classes.x]\nbranch = "sales"\nhead_start = "¦5 minutes"'), "no duration", "5m"),
    (extra('[classes.x]\nbranch = "sales"\nhead_start = ¦5'), "must be a duration", '"5s" or "5m"'),
    (extra('[classes.x]\nbranch = "sales"\nrecord = "¦yes"'), "true or false", "without quotes"),
    (extra('[classes.x]\nbranch = "sales"\nagent = "¦onw"'), "none of own", "'own'"),
    (extra('[classes.x]\nbranch = "sales"\nmax_penalty = ¦-1'), "whole number", ""),
    (extra('[lines."+42125550001"]\nproject = "¦akme"'), "'akme' is not defined", "'acme'"),
    (extra('[agents.¦own]\ndesk = "PJSIP/x"'), "'own' is no name for agents", "own, last, none"),
    (extra('[lines.¦office]\nkind = "x"'), "no name for lines", "+42125550000"),
    (extra('[schedules.x]\nopen = ["mon-fri 08:00-18:00", "¦mo-fr 8-18"]'), "no hours", "mon-fri 08:00-18:00"),
    (extra('[schedules.x]\nopen = ["always"]\nclosed = ["¦31.12."]'), "no date", "2026-12-24"),
    (extra('[schedules.x]\nopen = ["always"]\ntimezone = "¦Europe/Bratislva"'), "unknown time zone", "Europe/Bratislava"),
    (BASE.replace('"SK"', '"¦SQ"') + CLOSE, "no country", ""),
    (extra("[[treat]]\nbranch = 'sales'\n[[treat]]\nwhen = '¦seen'\nbranch = 'default'"), "never reached", "move it up"),
    (extra("[[bonus]]\nname = 'x'\nhead_start = '5m'\n[[bonus]]\nname = '¦x'\nhead_start = '1m'"), "two [[bonus]]", "policy.toml:"),
    (extra("[classes.x]\nbranch = ¦\n"), "not TOML", ""),
    (extra("[[test]]\nname = 'x'\nat = '2026-03-02 10:00'\nexpect = { class = '¦vip' }"), "class is 'rest', not 'vip'", "everybody else"),
    (extra("[[test]]\nname = 'x'\nat = '¦yesterday'\nexpect = { class = 'vip' }"), "no moment", "2026-03-02 10:00"),
    (extra("[[test]]\nname = 'x'\nat = '2026-03-02 10:00'\nexpect = { ¦clas = 'vip' }"), "unknown key 'clas'", "'class'"),
    (extra("[[test]]\nname = 'x'\nat = '2026-03-02 10:00'\nexpect = { class = '¦vp' }"), "'vp' is not defined", "'vip'"),
    (extra("[[test]]\nname = 'x'\nat = '2026-03-02 10:00'\ncalls = ['2h', '¦lately']\nexpect = { class = 'rest' }"), "no earlier call", "2h missed"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "problem", "remedy"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_policy_is_refused_at_the_very_character(
    tmp_path: Path, marked: str, problem: str, remedy: str
) -> None:
    before = marked[: marked.index("¦")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    faults = refused(tmp_path, marked.replace("¦", ""))
    first = faults[0]
    assert [fault for fault in faults if (fault.line, fault.column) == (line, column)], f"{line}:{column}: {faults}"
    assert problem in first.problem
    assert remedy in first.remedy


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = when("sen or vallue > 'x'").replace("account-manager", "acount-manager").replace('"12-24"', '"24.12."')
    lines = [fault.line for fault in refused(tmp_path, text)]
    assert len(lines) == 4
    assert lines == sorted(lines)


def test_an_escaped_line_break_does_not_shift_positions(tmp_path: Path) -> None:
    text = f'{BASE}\n[[classify]]\nname = "x"\nwhen = """seen \\\n   and vallue > 1"""\nclass = "vip"\n{CLOSE}'
    (fault,) = refused(tmp_path, text)
    assert text.splitlines()[fault.line - 1][fault.column - 1 :].startswith("vallue")


def test_letters_beyond_ascii_do_not_shift_positions(tmp_path: Path) -> None:
    text = when("choice == 'žiadosť' or vallue > 1")
    (fault,) = refused(tmp_path, text)
    assert text.splitlines()[fault.line - 1][fault.column - 1 :].startswith("vallue")


def test_a_missing_file_is_told_with_the_nearest_shipped_name() -> None:
    with pytest.raises(PolicyError) as caught:
        load("shopp")
    (fault,) = caught.value.faults
    assert "cannot be read" in fault.problem
    assert "'shop'" in fault.remedy


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b'[policy]\nname = "caf\xe9"\n')
    with pytest.raises(PolicyError) as caught:
        load(str(file))
    assert caught.value.faults == [PolicyFault(str(file), 2, 12, "not UTF-8", "save the file as UTF-8")]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "")


@pytest.mark.parametrize("name", ["clinic", "outsourcer", "shop"])
def test_every_shipped_policy_passes_its_own_tests(name: str) -> None:
    policy = load(name)
    assert policy.version.startswith(f"{name}-")
    assert set(policy.classes) == {rule.fields["class"] for rule in policy.rules["classify"]}, "a class nobody gets"
    assert shipped() == ["clinic", "outsourcer", "shop"]


def test_the_shop_has_twenty_greetings_and_more() -> None:
    policy = load("shop")
    given = [rule.fields.get("greeting") for rule in policy.rules["treat"]]
    given += [policy.class_fields(name).get("greeting") for name in policy.classes]
    assert len({greeting for greeting in given if greeting}) > 20
    assert policy.line_of("+42120550000").kind == "office"


def test_conf_d_is_tried_before_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(BASE + CLOSE)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "10-vip.toml").write_text(
        '[[classify]]\nname = "vip"\nwhen = "tag(\'vip\')"\nclass = "vip"\n'
    )
    main = str(tmp_path / "policy.toml")
    policy = load(main)
    assert [rule.where for rule in policy.rules["classify"]] == ["conf.d/10-vip.toml:1", "policy.toml:29"]
    assert files_of(main) == [tmp_path / "conf.d" / "10-vip.toml", tmp_path / "policy.toml"]
    before = policy.version
    (tmp_path / "conf.d" / "10-vip.toml").write_text('[[classify]]\nname = "v"\nwhen = "tag(\'vip\')"\nclass = "vip"\n')
    assert load(main).version != before


def test_names_are_defined_once_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(BASE + CLOSE)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "a.toml").write_text('[classes.vip]\nbranch = "sales"\n')
    with pytest.raises(PolicyError) as caught:
        load(str(tmp_path / "policy.toml"))
    (fault,) = caught.value.faults
    assert fault.problem == "classes.vip is defined twice"
    assert fault.remedy == "also at conf.d/a.toml:1"


def test_a_file_beats_a_shipped_name_and_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop").write_text(BASE + CLOSE)
    monkeypatch.chdir(tmp_path)
    assert load("shop").name == "house"
    os.remove(tmp_path / "shop")
    assert load("shop").name == "shop"


@pytest.mark.parametrize("depth", [60, 900, 5000, 50000])
def test_a_deeply_nested_condition_is_refused_and_not_fatal(tmp_path: Path, depth: int) -> None:
    faults = refused(tmp_path, when("not " * depth + "seen"))
    assert faults[0].problem.startswith("when: ")
