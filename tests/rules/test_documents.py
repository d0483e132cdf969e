"""What the documents tell people to type exists: every command line is one, every policy in them is accepted."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest

from asterisk_router.admin.cli.router import commands
from asterisk_router.callers.caller import CallOutcome
from asterisk_router.callers.registered_call import HowEnded
from asterisk_router.policy.load import load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOP = ROOT / "asterisk_router" / "policy" / "examples" / "shop.toml"

COMMAND_LINE = re.compile(r"^(?:\$ )?(asterisk-router .*?)(?:  +#.*)?$")


def blocks(page: Path, kind: str = "") -> list[str]:
    """The fenced blocks of a page that are of this kind."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    return [text for word, text in fenced if word == kind]


def command_lines() -> list[tuple[str, str]]:
    """Every command line in a block, with the page it is on; what stands for more options is taken out."""
    found = []
    for page in PAGES:
        for block in blocks(page):
            joined = block.replace("\\\n", " ")
            lines = filter(None, map(COMMAND_LINE.match, joined.splitlines()))
            found += [(page.name, line[1].replace(" ... ", " ")) for line in lines]
    return found


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_a_command_line_is_one(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = commands()
    while isinstance(command, click.Group):
        assert words[0] in command.commands, f"{page}: {line}"
        command = command.commands[words.pop(0)]
    arguments = [word if not word.endswith((".csv", ".toml", ".tsv", "queue_log")) else str(SHOP) for word in words]
    command.make_context("document", arguments, resilient_parsing=False)


@pytest.mark.parametrize(("page", "links"), [(page.name, page.read_text(encoding="utf-8")) for page in PAGES])
def test_pages_that_are_named_exist(page: str, links: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", links):
        home = ROOT if page == "README.md" else ROOT / "docs"
        assert (home / link).exists(), f"{page}: {link}"


HOUSE = """
[policy]
name = "house"
timezone = "Europe/Bratislava"
[agents]
boris = { desk = "PJSIP/boris" }
clara = { desk = "PJSIP/clara" }
[schedules.office]
open = ["mon-fri 08:00-18:00"]
[[classify]]
name = "everybody"
class = "incident"
"""


def test_what_the_supervisor_is_told_to_write_is_accepted(tmp_path: Path) -> None:
    shown = "\n".join(blocks(ROOT / "docs" / "supervisor.md", "toml"))
    (tmp_path / "house.toml").write_text(HOUSE + shown, encoding="utf-8")
    policy = load(str(tmp_path / "house.toml"))
    assert policy.reserves and policy.call_back_rules.dial and policy.class_rules("incident").preempts


def test_the_supervisor_is_told_every_outcome_there_is() -> None:
    page = (ROOT / "docs" / "supervisor.md").read_text(encoding="utf-8")
    told = {word for row in re.findall(r"^\| ([a-z, -]+) \| ", page, re.M) for word in row.split(", ")}
    assert {*get_args(HowEnded), *get_args(CallOutcome)} - {""} <= told
