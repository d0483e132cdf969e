"""`asterisk-router doctor`: is everything the router stands on as it should be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click

from ...settings import Settings, parse_address, parse_ami, parse_ari
from . import options, tables
from .installed_settings import ENVIRONMENT, take_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..doctor.finding import Finding

ASTERISK = Path("/etc/asterisk")
"""Asterisk's configuration, where a package puts it."""


def _take_in(context: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    return take_in(file)


@click.command()
@click.option(
    "--environment",
    metavar="FILE",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    is_eager=True,
    callback=_take_in,
    show_default=f"{ENVIRONMENT}, where it is there",
    help="Settings of the service, one ASTERISK_ROUTER_... a line; options given here come before them.",
)
@click.option(
    "--policy", metavar="FILE|NAME", envvar="ASTERISK_ROUTER_POLICY", default=Settings.policy, help=options.POLICY_HELP
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    envvar="ASTERISK_ROUTER_LISTEN",
    default=str(Settings.listen),
    show_default=True,
    help="Where Asterisk asks.",
)
@options.redis
@options.state_dir
@click.option("--ami", metavar="URL", multiple=True, envvar="ASTERISK_ROUTER_AMI", help="As of serve.")
@click.option("--ari", metavar="URL", multiple=True, envvar="ASTERISK_ROUTER_ARI", help="As of serve.")
@click.option(
    "--spool-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    envvar="ASTERISK_ROUTER_SPOOL_DIR",
    help="As of serve.",
)
@click.option(
    "--dialplan",
    metavar="DIR",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    show_default=f"{ASTERISK}, where it is there",
    help="Asterisk's configuration.",
)
@options.as_json
def doctor(
    environment: Path | None,
    policy: str,
    listen: str,
    redis: str,
    state_dir: Path,
    ami: tuple[str, ...],
    ari: tuple[str, ...],
    spool_dir: Path | None,
    dialplan: Path | None,
    as_json: bool,
) -> None:
    """Look at everything the router stands on, and say what to do about what is not well.

    The port and who has it, the daemons, the policy, Redis (rights, persistence, eviction), the rights of the manager
    user and of ARI, the dialplan and its guard, modes of files, clocks and time zone. Nothing is changed but one key
    of Redis, tried and removed. Run it as root, or as the daemon's user: others see less.

    \b
    Examples:
      sudo asterisk-router doctor
      asterisk-router doctor --redis redis://127.0.0.1/0 --dialplan /etc/asterisk
      asterisk-router doctor --json | jq '.[] | select(.state == "red")'

    \b
    Exit codes:
      0  nothing is red
      1  something is
    """
    from ..doctor.examination import Place, examine

    pbxs, apps = tuple(map(parse_ami, ami)), tuple(map(parse_ari, ari))
    settings = Settings(
        policy=policy, listen=parse_address(listen), redis=redis, state_dir=state_dir, ami=pbxs, ari=apps,
        spool_dir=spool_dir,
    )  # fmt: skip
    chosen = dialplan or (ASTERISK if ASTERISK.is_dir() else None)
    place = Place(chosen, tuple(_secrets((*ami, *ari), environment, chosen)))
    _report(examine(settings, place, options.ports().looks()), as_json)


def _report(findings: Iterable[Finding], as_json: bool) -> None:
    """Print each finding as it is made."""
    found = []
    for finding in findings:
        found.append(finding)
        if not as_json:
            _print(finding)
    reds, yellows = (sum(each.state == state for each in found) for state in ("red", "yellow"))
    if as_json:
        tables.print_json([each._asdict() for each in found])
    else:
        tables.say(f"{len(found)} looked at: {reds} red, {yellows} yellow")
    if reds:
        raise click.exceptions.Exit(1)


def _secrets(urls: tuple[str, ...], environment: Path | None, dialplan: Path | None) -> list[Path]:
    """Files that hold a secret of ours."""
    named = [Path(name) for url in urls for name in parse_qs(urlsplit(url).query).get("secret_file", ())]
    config = sorted(dialplan.glob("*_router.conf")) if dialplan is not None else []
    return [
        *named,
        *([environment] if environment else []),
        *(each for each in config if each.name[:3] in ("man", "ari")),
    ]


def _print(finding: Finding) -> None:
    state = click.style(f"{finding.state:<6}", fg=finding.state)
    click.echo(f"{state}  {finding.about + ':':<17} {tables.printable(finding.said)}")
    if finding.remedy:
        click.echo(f"        {'':<17} -> {tables.printable(finding.remedy)}")
