"""`asterisk-router serve`: the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...settings import LOG_LEVELS, Settings, parse_address, parse_ami, parse_ari, parse_clock
from . import options


@click.command()
@click.option(
    "--policy",
    metavar="FILE|NAME",
    envvar="ASTERISK_ROUTER_POLICY",
    show_envvar=True,
    default=Settings.policy,
    show_default=True,
    help=options.POLICY_HELP,
)
@click.option(
    "--shadow",
    metavar="FILE|NAME",
    envvar="ASTERISK_ROUTER_SHADOW",
    show_envvar=True,
    default="",
    show_default="none",
    help="Another policy, which decides every call once more after its answer and routes none; where the two differ, "
    "shadow show tells.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    envvar="ASTERISK_ROUTER_LISTEN",
    show_envvar=True,
    default=str(Settings.listen),
    show_default=True,
    help="Where Asterisk asks over FastAGI.",
)
@click.option(
    "--allow",
    metavar="NETWORK",
    multiple=True,
    envvar="ASTERISK_ROUTER_ALLOW",
    show_envvar=True,
    default=Settings.allow,
    show_default=True,
    help="Whose hosts may ask; may be given several times.",
)
@options.redis
@options.state_dir
@click.option(
    "--agi-socket",
    metavar="PATH",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="ASTERISK_ROUTER_AGI_SOCKET",
    show_envvar=True,
    show_default="agi.sock in the state directory",
    help="Unix socket at which the AGI script asks.",
)
@click.option(
    "--ami",
    metavar="ami://USER:SECRET@HOST:PORT/NAME",
    multiple=True,
    envvar="ASTERISK_ROUTER_AMI",
    show_envvar=True,
    show_default="none: what the policy asks about queues is unknown",
    help="A PBX whose queues are followed; may be given several times. NAME is its systemname; amis:// is TLS, and "
    "?secret_file=PATH in place of :SECRET keeps the secret out of process lists.",
)
@click.option(
    "--ari",
    metavar="ari://USER:SECRET@HOST:PORT/APP",
    multiple=True,
    envvar="ASTERISK_ROUTER_ARI",
    show_envvar=True,
    show_default="none: Asterisk asks over FastAGI or by the AGI script",
    help="An application that a dialplan hands calls to by Stasis() or StasisBroadcast(); may be given several times. "
    "Each daemon needs an APP of its own; aris:// is TLS, and ?secret_file=PATH in place of :SECRET keeps the secret "
    "out of process lists.",
)
@click.option(
    "--spool-dir",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ASTERISK_ROUTER_SPOOL_DIR",
    show_envvar=True,
    show_default="none",
    help="Where the dialplan writes down how every call ended: asterisk-router in Asterisk's spool directory. What is "
    "found there is taken in and removed; without it missed calls are not known.",
)
@click.option(
    "--deadline-ms",
    metavar="MS",
    type=int,
    envvar="ASTERISK_ROUTER_DEADLINE_MS",
    show_envvar=True,
    default=Settings.deadline_ms,
    show_default=True,
    help="Longest time for a decision; then the call is routed without its caller.",
)
@click.option(
    "--most-calls",
    metavar="N",
    type=int,
    envvar="ASTERISK_ROUTER_MOST_CALLS",
    show_envvar=True,
    default=Settings.most_calls,
    show_default=True,
    help="Calls at hand at once; one more goes to the default branch.",
)
@click.option(
    "--workers",
    metavar="N",
    type=int,
    envvar="ASTERISK_ROUTER_WORKERS",
    show_envvar=True,
    default=Settings.workers,
    show_default="0: this process answers",
    help="Processes that answer on the same sockets, kept by one more: it starts a dead or frozen one anew, and "
    "restarts them one at a time on SIGUSR2, so that no call meets a closed door. --most-calls holds for each.",
)
@click.option(
    "--keep-calls",
    "keep_calls_days",
    metavar="DAYS",
    type=int,
    envvar="ASTERISK_ROUTER_KEEP_CALLS",
    show_envvar=True,
    default=Settings.keep_calls_days,
    show_default="0: the latest million records or so, whatever their age",
    help="How long the registry keeps a call: numbers, decisions with the facts seen, ends. Older ones go when the "
    "next call is registered, which needs Redis 6.2.",
)
@click.option(
    "--keep",
    metavar="FIELD=DAYS",
    multiple=True,
    envvar="ASTERISK_ROUTER_KEEP",
    show_envvar=True,
    default=(),
    show_default="everything stays",
    help="How long single fields are kept; once for each: numbers (in calls; then a keyed pseudonym), facts (seen by "
    "decisions), history (of callers), call-backs (settled), evidence (of expired tags).",
)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS),
    envvar="ASTERISK_ROUTER_LOG_LEVEL",
    show_envvar=True,
    default=Settings.log_level,
    show_default=True,
    help="How much is said on standard error.",
)
@click.option(
    "--clock",
    metavar="START@SPEED",
    envvar="ASTERISK_ROUTER_CLOCK",
    show_envvar=True,
    show_default="the real time",
    help="For demonstrations and trials only: the first call rings at START (2026-11-23T07:00+01:00), and from then "
    "on time runs SPEED times as fast.",
)
def serve(
    listen: str, ami: tuple[str, ...], ari: tuple[str, ...], clock: str | None, keep: tuple[str, ...], **given: Any
) -> None:
    """Answer calls: run the daemon until it is told to stop.

    SIGHUP, or saving the policy, loads it anew; a policy with faults changes nothing. SIGTERM and Ctrl-C stop it, when
    the calls at hand have their answer. With --workers, SIGUSR2 restarts it and no caller notices.

    Sockets handed over by systemd (LISTEN_FDS) are answered on in place of --listen and --agi-socket.

    \b
    Examples:
      asterisk-router serve --policy /etc/asterisk-router/policy.toml
      asterisk-router serve --policy shop --listen 127.0.0.1:4573 --redis redis://127.0.0.1:6379/0
      asterisk-router serve --policy policy.toml --shadow new.toml
      asterisk-router serve --policy policy.toml --keep numbers=90 --keep facts=30 --keep history=730
      asterisk-router serve --policy policy.toml --redis redis://127.0.0.1/0 --workers 2
      asterisk-router serve --policy shop --ami ami://router@127.0.0.1/berlin?secret_file=/etc/asterisk-router/ami
      asterisk-router serve --policy shop --ari ari://router@127.0.0.1/router?secret_file=/etc/asterisk-router/ari
    """
    from ...callers.retention import parse_keep

    trial = parse_clock(clock) if clock else None
    pbxs, apps = tuple(map(parse_ami, ami)), tuple(map(parse_ari, ari))
    settings = Settings(listen=parse_address(listen), ami=pbxs, ari=apps, clock=trial, keep=parse_keep(keep), **given)
    code = options.ports().serve(settings)
    click.get_current_context().exit(code)
