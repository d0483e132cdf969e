"""`asterisk-router install`: what the machine needs to run the daemon beside Asterisk."""

from __future__ import annotations

import re
import secrets
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    from ..installation.layout import Wanted
    from ..installation.machine import Machine

root = click.option(
    "--root",
    metavar="DIR",
    type=click.Path(file_okay=False, exists=True, path_type=Path, resolve_path=True),
    default=Path("/"),
    help="Do it below this directory, for a trial or a package, in place of this machine.",
)

_REDIS = re.compile(r"(?m)^ASTERISK_ROUTER_REDIS=(\S+)$")
_SECRET = re.compile(r"(?m)^secret = (\S{8,})$")


@click.command()
@click.option("--apply", is_flag=True, help="Do it. Without this nothing is changed.")
@root
@click.option(
    "--pbx",
    type=click.Choice(["auto", "plain", "freepbx", "none"]),
    default="auto",
    show_default=True,
    help="Whose dialplan is written; none for a machine without Asterisk.",
)
@click.option("--policy", metavar="FILE|NAME", show_default="the one installed, or else shop", help=options.POLICY_HELP)
@click.option(
    "--redis",
    metavar="URL|embedded",
    show_default="the one installed, or else embedded",
    help="Redis that keeps the callers.",
)
@click.option(
    "--program", metavar="PATH", default="", show_default="this one", help="The asterisk-router that the service runs."
)
@click.option(
    "--socket-unit",
    is_flag=True,
    help="Have systemd make the sockets: the next call then starts a stopped service. Without it the service makes its "
    "own, which systemd keeps while it is restarted, and at which the kernel refuses calls under overload.",
)
@click.option("--force", is_flag=True, help="Replace files that were edited, or are not ours; each is copied first.")
@options.as_json
def install(
    apply: bool,
    root: Path,
    pbx: str,
    policy: str | None,
    redis: str | None,
    program: str,
    socket_unit: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Install the service and the dialplan: prints every step, and does them with --apply.

    A user of its own, directories, units of systemd, policy and settings in /etc/asterisk-router, the dialplan and
    its manager user in /etc/asterisk with the lines that include them. Done twice, it changes nothing; what was
    edited since is kept. Nothing is started, and no trunk is led to the router: the last lines say how.

    \b
    Examples:
      asterisk-router install
      sudo asterisk-router install --pbx freepbx --policy /root/policy.toml --redis redis://127.0.0.1/0 --apply
      asterisk-router install --root /tmp/trial --pbx plain --apply
    """
    from ..installation.install import steps
    from ..installation.layout import layout
    from ..installation.machine import Machine
    from ..installation.record import Record
    from ..installation.units import render
    from .install_steps import show_and_do

    machine = Machine(root)
    record = Record.of(machine)
    units = partial(render, program or _this_program(), with_socket=socket_unit)
    whole = layout(_wanted(machine, pbx, policy, redis, units))
    todo = steps(whole, machine, record, force=force)
    rest = {"not_touched": whole.left_alone, "then": whole.then}
    show_and_do(todo, rest, apply=apply, as_json=as_json, finish=lambda: record.keep(machine))


def _wanted(
    machine: Machine, pbx: str, policy: str | None, redis: str | None, units: Callable[[str], dict[str, str]]
) -> Wanted:
    """`units` are those for a group of Asterisk's."""
    from ...policy.load import files_of
    from ..doctor.pbx import needed_rights
    from ..installation.layout import ASTERISK_DIR, CONFIG_DIR, Wanted
    from ..pbx.dialplan import render

    installed = machine.at(f"{CONFIG_DIR}/policy.toml")
    source = policy or (str(installed) if installed.exists() else "shop")
    loaded = options.ports().load_policy(source)
    *more, first = files_of(source)
    known = _REDIS.search(machine.read(f"{CONFIG_DIR}/environment") or "")
    redis = redis or (known[1] if known else "embedded")
    kind = pbx if pbx != "auto" else _pbx_of(machine)
    asterisk = "asterisk" if machine.group("asterisk") is not None else "root"
    name = {"plain": "manager_router.conf", "freepbx": "manager_custom_router.conf"}.get(kind, "")
    there = _SECRET.search(machine.read(f"{ASTERISK_DIR}/{name}") or "") if name else None
    secret = there[1] if there else secrets.token_urlsafe(24)
    queues = {word: rules.asterisk for word, rules in loaded.queue_rules.items()}
    rights = needed_rights(loaded)
    dialplan = render(kind, branches=loaded.branches, queues=queues, secret=secret, rights=rights) if name else {}
    served = redis != "embedded" or any(machine.has(f"/usr/bin/{tool}") for tool in SERVERS)
    return Wanted(
        units=units(asterisk if dialplan and asterisk != "root" else ""),
        policy={
            "policy.toml": first.read_text(encoding="utf-8"),
            **{f"conf.d/{path.name}": path.read_text(encoding="utf-8") for path in more},
        },
        dialplan=dialplan,
        ami_secret=secret,
        asterisk=asterisk if dialplan else "",
        redis=redis,
        workers=1 if served else 0,
    )


SERVERS = ("redis-server", "valkey-server")
"""Programs that keep the callers of several processes where no URL is given."""


def _pbx_of(machine: Machine) -> str:
    """What kind of PBX the machine is."""
    marks = ("/etc/asterisk/extensions_custom_router.conf", "/etc/freepbx.conf", "/etc/issabel.conf")
    if any(map(machine.has, marks)):
        return "freepbx"
    return "plain" if machine.has("/etc/asterisk") else "none"


def _this_program() -> str:
    return str(Path(shutil.which(sys.argv[0]) or sys.argv[0]).absolute())
