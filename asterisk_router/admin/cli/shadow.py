"""`asterisk-router shadow`: what another policy would do, and the way there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options, tables


@click.group()
def shadow() -> None:
    """Compare another policy with the live one, put it in force, and go back.

    The other one is that of `asterisk-router serve --shadow`. It decides every call once more, after the answer, and
    routes none.
    """


@shadow.command()
@click.option(
    "-n", "latest", metavar="N", type=click.IntRange(0, 100), default=10, show_default=True, help="Latest differences."
)
@options.state_dir
@options.as_json
def show(latest: int, state_dir: Path, as_json: bool) -> None:
    """Show on which calls the shadow policy differs: by kind with counts, then the latest, with the rules of both.

    Counting begins anew with each version of either policy. Numbers are masked; the unique ID leads to the call in
    `calls`, in the CDR and in queue_log.

    \b
    Examples:
      asterisk-router shadow show
      asterisk-router shadow show -n 100
      asterisk-router shadow show --json
    """
    from ..shadow import shadowed

    notices = shadowed(options.ports().state_files(state_dir))
    for notice in notices:
        notice["latest"] = notice["latest"][-latest:] if latest else []
    if as_json:
        tables.print_json(notices)
        return
    for notice in notices:
        _print(notice)


@shadow.command()
@options.state_dir
@options.as_json
def promote(state_dir: Path, as_json: bool) -> None:
    """Put the shadow policy in the place of the live one, and wait until it is in force.

    Its files are written where the policy of `serve --policy` lies. What lay there is kept in the state directory, and
    `shadow rollback` brings it back. Each call is decided by the one version or by the other.

    \b
    Examples:
      asterisk-router shadow promote
      sudo asterisk-router shadow promote --state-dir /var/lib/asterisk-router
    """
    from ..asked.policy import ShadowPromote

    _tell(options.ask_offline(state_dir, ShadowPromote()), as_json)


@shadow.command()
@click.argument("version", required=False, default="")
@options.state_dir
@options.as_json
def rollback(version: str, state_dir: Path, as_json: bool) -> None:
    """Bring back the version that was in force before, or VERSION, and wait until it is in force.

    A further rollback goes back one more. What lies in its place is kept, also when it cannot be read.

    \b
    Examples:
      asterisk-router shadow rollback
      asterisk-router shadow rollback shop-3f2a9c1d
    """
    from ..asked.policy import ShadowRollback

    _tell(options.ask_offline(state_dir, ShadowRollback(version)), as_json)


@shadow.command()
@options.state_dir
@options.as_json
def history(state_dir: Path, as_json: bool) -> None:
    """Show the versions that came into force: when, how, by whom, and from which file.

    `read` is a version the daemon started with or found saved (by whom the file belongs to); `set-aside` lay in the
    policy's place and was kept when another was put there.

    \b
    Examples:
      asterisk-router shadow history
      asterisk-router shadow history --json
    """
    from ..moments import to_the_second

    entries = options.ports().state_files(state_dir).versions.history()
    if as_json:
        tables.print_json([entry._asdict() for entry in entries])
        return
    tables.print_table(
        ("Time", "Version", "Content", "How", "By", "File"),
        [
            (to_the_second(each.at_s), each.version or "-", each.content, each.act, each.who, each.file)
            for each in entries
        ],
        "line",
    )


def _tell(change: dict[str, Any], as_json: bool) -> None:
    from ...errors import RouterError

    version, taken = change["version"], change["in_force"]
    if as_json:
        tables.print_json(change)
    elif taken:
        tables.say(f"{version} is in force (before: {change['before'] or 'nothing that could be read'})")
    elif taken is None:
        tables.say(f"{version} lies at {change['file']}; no daemon runs that would put it in force")
    if taken is False:
        raise RouterError(
            f"{version} lies in its place and is not in force everywhere", where=change["file"],
            remedy="the daemon's log says why",
        )  # fmt: skip


def _print(notice: dict[str, Any]) -> None:
    from ..moments import as_moment

    missing = notice["not_compared"]
    tables.print_facts(
        [
            ("Policy", f"{notice['policy_version']}  {notice['policy_file']}"),
            ("Shadow", f"{notice['shadow_version'] or 'not read: run asterisk-router check'}  {notice['shadow_file']}"),
            ("Since", as_moment(int(notice["since_s"]))),
            ("Compared", notice["compared"]),
            ("Different", notice["different"]),
            ("Not compared", ", ".join(f"{count} {why}" for why, count in missing.items() if count)),
        ]
    )
    _print_kinds(notice)
    _print_latest(notice["latest"])


def _print_kinds(notice: dict[str, Any]) -> None:
    table = tables.Table(
        ("Calls", "Class", "Branch", "Head start", "Differs in"), "kind of difference", "kinds of difference"
    )
    for kind in notice["kinds"]:
        table.add((kind["calls"], *_changes(kind), ", ".join(kind["fields"])))
    table.end()
    if notice["other_kinds"]:
        tables.say(f"{notice['other_kinds']} calls of further kinds")


def _print_latest(differences: list[dict[str, Any]]) -> None:
    from ..moments import to_the_second

    table = tables.Table(
        ("Time", "Call", "Number", "Line", "Class", "Branch", "Head start", "By", "Shadow by"),
        "call of the latest",
        "calls of the latest",
    )
    for each in differences:
        who = each["number"] or "withheld"
        where = each["where"], each["shadow_where"]
        table.add((to_the_second(each["at_s"]), each["uniqueid"], who, each["line"], *_changes(each["kind"]), *where))
    table.end()


def _changes(kind: dict[str, Any]) -> tuple[str, str, str]:
    """Class, branch and head start: `vip`, where both agree, else `vip -> lead`."""
    return (
        _change(kind["caller_class"], kind["shadow_class"]),
        _change(kind["branch"], kind["shadow_branch"]),
        _change(f"{kind['head_start_s']} s", f"{kind['shadow_head_start_s']} s"),
    )


def _change(live: str, shadow: str) -> str:
    return live if live == shadow else f"{live} -> {shadow}"
