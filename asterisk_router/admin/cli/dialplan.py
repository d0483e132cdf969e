"""`asterisk-router dialplan`: what Asterisk has to be told."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from . import options, tables

_SECRET_LINE = re.compile(r"(?m)^(?:secret|password) = (\S{8,})$")


@click.command()
@click.option("--pbx", type=click.Choice(["plain", "freepbx"]), required=True, help="Whose files they will be.")
@click.option(
    "--output", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Write the files there."
)
@click.option("--force", is_flag=True, help="Write over files that are there already.")
@click.option(
    "--ask", metavar="HOST:PORT", default="127.0.0.1:4573", show_default=True, help="Where the daemon listens."
)
@click.option("--script", metavar="PATH", default="", help="Ask by this AGI script, not over FastAGI.")
@click.option("--ari", is_flag=True, help="Hand calls over by ARI, not AGI: writes the files of its user, too.")
@click.option(
    "--ari-app",
    "apps",
    metavar="NAME",
    multiple=True,
    default=("router",),
    show_default=True,
    help="With --ari, the application of each daemon, tried in this order; may be given several times.",
)
@click.option(
    "--broadcast",
    is_flag=True,
    help="With --ari, offer a call to all of them at once (Asterisk 20.20, 22.10, 23.4 on).",
)
@click.option(
    "--guard-ms",
    metavar="MS",
    type=click.IntRange(60, 5000),
    default=300,
    show_default=True,
    help="How long a call waits for an answer before it takes the default branch.",
)
@options.policy
@options.as_json
def dialplan(
    pbx: str,
    output: Path | None,
    force: bool,
    ask: str,
    script: str,
    ari: bool,
    apps: tuple[str, ...],
    broadcast: bool,
    guard_ms: int,
    policy: str | None,
    as_json: bool,
) -> None:
    """Print or write the dialplan templates for a PBX.

    With --policy, branches and queues that only this policy knows get a place too, and the manager user the rights that
    it needs. Files that are there already
    are left as they are, for they may have been edited; written over, the users in them keep their secrets.

    \b
    Examples:
      asterisk-router dialplan --pbx plain
      asterisk-router dialplan --pbx freepbx --policy shop --output /tmp/asterisk-router
      asterisk-router dialplan --pbx plain --ari --ari-app router-a --ari-app router-b --broadcast
    """
    from ...settings import parse_address
    from ..doctor.pbx import needed_rights
    from ..pbx.dialplan import ARI_SECRET_FILES, SECRET_FILES, Stasis, render

    if broadcast and not ari:
        raise click.UsageError("--broadcast is a way of ARI: give --ari as well")

    host, port = parse_address(ask)
    loaded = options.ports().load_policy(policy) if policy else None
    files = render(
        pbx,
        host=host,
        port=port,
        script=script,
        guard_ms=guard_ms,
        branches=loaded.branches if loaded else (),
        queues={name: rules.asterisk for name, rules in loaded.queue_rules.items()} if loaded else {},
        secret=_secret_there(output, SECRET_FILES),
        rights=needed_rights(loaded) if loaded else (),
        stasis=Stasis(apps, broadcast, _secret_there(output, ARI_SECRET_FILES)) if ari else None,
    )
    if output is None:
        _print_files(files, as_json)
    else:
        _write_files(files, output, force, as_json)


def _print_files(files: dict[str, str], as_json: bool) -> None:
    if as_json:
        tables.print_json(files)
        return
    for name, text in files.items():
        click.echo(f"; ---- {name} ----\n{text}")


def _write_files(files: dict[str, str], directory: Path, force: bool, as_json: bool) -> None:
    from ..pbx.dialplan import ARI_SECRET_FILES, SECRET_FILES

    directory.mkdir(parents=True, exist_ok=True)
    kept = [name for name in files if not force and (directory / name).exists()]
    written = [name for name in files if name not in kept]
    for name in written:
        if name in SECRET_FILES + ARI_SECRET_FILES:
            _hide(directory / name)
        (directory / name).write_text(files[name], encoding="utf-8")
    if as_json:
        tables.print_json({"directory": str(directory), "written": written, "kept": kept})
    else:
        for name in files:
            click.echo(f"{directory / name}: {'left as it is, --force writes over it' if name in kept else 'written'}")
    if kept and not written:
        raise click.ClickException("nothing was written")


def _secret_there(directory: Path | None, files: tuple[str, ...]) -> str:
    """The secret of a user written before: the daemon knows that one."""
    for path in (directory / name for name in files) if directory else ():
        if path.is_file() and (found := re.search(_SECRET_LINE, path.read_text(encoding="utf-8"))):
            return found[1]
    return ""


def _hide(path: Path) -> None:
    """Have the file before the secret is in it, readable to whom the directory belongs (Asterisk) and no other."""
    path.touch(mode=0o640)
    path.chmod(0o640)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
