"""What an installation consists of: directories, files, lines in files of the admin, and what stays theirs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..pbx.dialplan import SECRET_FILES
from .units import USER

CONFIG_DIR: Final = "/etc/asterisk-router"
STATE_DIR: Final = "/var/lib/asterisk-router"
SPOOL_DIR: Final = "/var/spool/asterisk/asterisk-router"
UNIT_DIR: Final = "/etc/systemd/system"
ASTERISK_DIR: Final = "/etc/asterisk"

INCLUDED: Final = {
    "extensions_router.conf": "extensions.conf",
    "queues_router.conf": "queues.conf",
    "queuerules_router.conf": "queuerules.conf",
    "manager_router.conf": "manager.conf",
    "extensions_custom_router.conf": "extensions_custom.conf",
    "manager_custom_router.conf": "manager_custom.conf",
}
"""File of the dialplan -> the file of Asterisk that includes it."""


class Directory(NamedTuple):
    """A directory that is there with these rights."""

    path: str
    """Where, on the machine it is for."""
    mode: int
    """Its rights."""
    owner: str
    """User it belongs to."""
    group: str
    """Group it belongs to."""
    why: str
    """What it is for."""


class File(NamedTuple):
    """A file of ours."""

    path: str
    """Where, on the machine it is for."""
    text: str
    """What is in it."""
    mode: int
    """Its rights."""
    owner: str
    """User it belongs to."""
    group: str
    """Group it belongs to."""
    why: str
    """What it is for."""


class Line(NamedTuple):
    """A line at the end of a file that is the admin's."""

    path: str
    """Where, on the machine it is for."""
    line: str
    """The line, without its end."""
    owner: str
    """User the file belongs to where it has to be made."""
    why: str
    """What it is for."""


class Layout(NamedTuple):
    """All of an installation, in the order in which it is done."""

    directories: tuple[Directory, ...]
    """Directories."""
    files: tuple[File, ...]
    """Files of ours."""
    lines: tuple[Line, ...]
    """Lines in files of the admin."""
    left_alone: tuple[str, ...]
    """What it does not touch, and the admin has to."""
    then: tuple[str, ...]
    """Commands with which it begins to work."""


class Wanted(NamedTuple):
    """What an installation is made from."""

    units: Mapping[str, str]
    """Units of systemd by name."""
    policy: Mapping[str, str]
    """Files of the policy: `policy.toml`, and `conf.d/NAME` where it has more."""
    dialplan: Mapping[str, str]
    """Files of the dialplan by name; none where there is no Asterisk."""
    ami_secret: str
    """Secret of the manager user in them."""
    asterisk: str
    """User, and group, as which Asterisk runs; empty where there is none."""
    redis: str
    """URL of the callers, or `embedded`."""
    workers: int
    """How many workers the service has."""


def layout(wanted: Wanted) -> Layout:
    """The installation of what is wanted."""
    # not the state directory: systemd makes it at the first start, and gives the service what root left in it before
    directories = [Directory(CONFIG_DIR, 0o750, "root", USER, "settings and policy")]
    if len(wanted.policy) > 1:
        directories.append(Directory(f"{CONFIG_DIR}/conf.d", 0o750, "root", USER, "more of the policy"))
    why = "who is who and gets what; yours to edit"
    files = [File(f"{CONFIG_DIR}/{name}", text, 0o640, "root", USER, why) for name, text in wanted.policy.items()]
    settings = _environment(wanted)
    files.append(File(f"{CONFIG_DIR}/environment", settings, 0o640, "root", USER, "settings; yours to edit"))
    lines, left_alone = [], []
    if wanted.dialplan:
        asterisk = wanted.asterisk
        both = USER if asterisk == "root" else asterisk  # the daemon is in that group
        directories.append(Directory(SPOOL_DIR, 0o2770, asterisk, both, "reports of calls that ended"))
        secret = f"{wanted.ami_secret}\n"
        files.append(File(f"{CONFIG_DIR}/ami-secret", secret, 0o640, "root", USER, "secret of the manager user"))
        for name, text in wanted.dialplan.items():
            why = "manager user of least rights" if name in SECRET_FILES else "dialplan"
            files.append(File(f"{ASTERISK_DIR}/{name}", text, 0o640, asterisk, asterisk, why))
            lines.append(Line(f"{ASTERISK_DIR}/{INCLUDED[name]}", f"#include {name}", asterisk, "has it read"))
        first = f"{ASTERISK_DIR}/{next(iter(wanted.dialplan))}"
        left_alone = [
            f"{first}: [router-default] names your old inbound context, by your hand",
            f"{first}: [router-queues] says which queues of yours are which",
            "the context of your trunks, which sends calls to the router: the last step, and the one to take back",
            f"{ASTERISK_DIR}/manager.conf: enabled = yes and bindaddr = 127.0.0.1 in [general]",
        ]
    for name, text in wanted.units.items():
        files.append(File(f"{UNIT_DIR}/{name}", text, 0o644, "root", "root", "how systemd runs it"))
    then = ["systemctl daemon-reload", f"systemctl enable --now {' '.join(wanted.units)}"]
    if wanted.dialplan:
        then.append("asterisk -rx 'core reload'")
    left_alone.append("Redis, firewall, sound files")
    return Layout(tuple(directories), tuple(files), tuple(lines), tuple(left_alone), tuple(then))


def _environment(wanted: Wanted) -> str:
    lines = [
        "# Settings of asterisk-router, one a line; `asterisk-router serve --help` has them all.",
        f"ASTERISK_ROUTER_POLICY={CONFIG_DIR}/policy.toml",
        f"ASTERISK_ROUTER_REDIS={wanted.redis}",
        f"ASTERISK_ROUTER_WORKERS={wanted.workers}",
    ]
    if wanted.dialplan:
        lines.append(f"ASTERISK_ROUTER_SPOOL_DIR={SPOOL_DIR}")
        lines.append("# the PBX is called pbx here: with several, name each as its systemname")
        lines.append(f"ASTERISK_ROUTER_AMI=ami://router@127.0.0.1/pbx?secret_file={CONFIG_DIR}/ami-secret")
    return "\n".join(lines) + "\n"
