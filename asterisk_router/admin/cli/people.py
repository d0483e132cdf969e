"""`asterisk-router people`: who may do what, and the tokens of programs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..people.roles import ROLES
from . import options, tables

if TYPE_CHECKING:
    from ..people.people_file import People

HEADERS = ("Kind", "Name", "Person", "Role", "Expires")


@click.group()
def people() -> None:
    """See who may do what, make tokens for programs.

    Who is who stands in /etc/asterisk-router/people.toml, or where that is missing in people.toml of the state
    directory:

    \b
        [users.eva]               # a user of this machine, by the kernel's word
        person = "Eva Nova"       # who that is; left out: the user's name
        role = "supervisor"       # viewer, agent, supervisor or admin

    Root is an admin in any case, and so is the owner of the state directory unless the file gives another role. Who
    is not named may look and change nothing.
    """


@people.command()
@options.state_dir
@options.as_json
def whoami(state_dir: Path, as_json: bool) -> None:
    """Show as whom your commands are carried out and recorded, how that is known, and whether a daemon does them.

    \b
    Example:
      asterisk-router people whoami
    """
    from ..asked import frame, way
    from ..people.roles import people_file, present_person

    told = way.ask(state_dir, frame.Question(frame.WHOAMI, "", options.token(), {}))
    person = told.person if told is not None else present_person(state_dir)
    if as_json:
        tables.print_json({**person._asdict(), "asks_daemon": told is not None})
        return
    facts = [("Person", person.name), ("Role", person.role), ("Known by", person.source)]
    if told is not None:  # who asks may not be able to read what the daemon reads
        facts.append(("Done by", f"the daemon of {state_dir}"))
    else:
        file = people_file(state_dir)
        facts.append(("People file", str(file) if file.exists() else f"none at {file}"))
        facts.append(("Done by", f"each command itself: no daemon answers in {state_dir}"))
    tables.print_facts(facts)


@people.command("list")
@options.state_dir
@options.as_json
def list_people(state_dir: Path, as_json: bool) -> None:
    """List the users and tokens of the people file.

    \b
    Example:
      asterisk-router people list --json
    """
    from ..moments import as_moment

    known = _read(state_dir)
    rows = [("user", name, user.person, user.role, 0.0) for name, user in known.users.items()]
    rows += [("token", name, token.person, token.role, token.expires_at_s) for name, token in known.tokens.items()]
    if as_json:
        names = ("kind", "name", "person", "role", "expires_at_s")
        tables.print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        shown = [(*row[:4], as_moment(int(row[4])) if row[4] else "-") for row in rows]
        tables.print_table(HEADERS, shown, "entry", "entries")


@people.group()
def token() -> None:
    """Make and withdraw the tokens by which programs are known."""


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the program may do.")
@click.option("--person", default="", metavar="NAME", help="On whose behalf it acts; the token's name when left out.")
@click.option("--expires", default="never", show_default=True, help="30d, 12h, 2w, 1y, or a date such as 2027-01-31.")
@options.state_dir
@options.as_json
def add(name: str, role: str, person: str, expires: str, state_dir: Path, as_json: bool) -> None:
    """Make a token called NAME and print it, once: only its hash is kept.

    \b
    Examples:
      asterisk-router people token add wallboard --role viewer
      asterisk-router people token add crm --role supervisor --person eva --expires 1y --json
    """
    from .. import moments
    from ..asked.people import TokenAdd

    wish = TokenAdd(name, person or name, role, int(moments.parse_expiry(expires, int(time.time()))))
    made = options.ask_offline(state_dir, wish)
    if as_json:
        tables.print_json(made)
    else:
        click.echo(made["token"])


@token.command()
@click.argument("name")
@options.state_dir
@options.as_json
def remove(name: str, state_dir: Path, as_json: bool) -> None:
    """Withdraw the token called NAME; exit code 1 if there is none.

    \b
    Example:
      asterisk-router people token remove wallboard
    """
    from ..asked.people import TokenRemove

    removed = options.ask_offline(state_dir, TokenRemove(name))
    if as_json:
        tables.print_json(removed)
    else:
        tables.say(f"the token {name} is worth nothing any more")


def _read(state_dir: Path) -> People:
    from ..people.people_file import read_people
    from ..people.roles import people_file

    return read_people(people_file(state_dir), state_dir)
