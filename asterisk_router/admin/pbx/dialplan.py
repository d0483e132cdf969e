"""Writes the dialplan of a PBX from the templates that lie in `dialplan/`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from ...errors import SettingsError
from ...policy.file.words import EXTENSION
from ...wire.ami_events import KINDS
from ...wire.ari_answer import PIECE, TEXTS
from ...wire.channel_variables import CHANNEL_VARIABLES, SENTINEL

PBX_FILES: Final = {
    "plain": ("extensions_router.conf", "queues_router.conf", "queuerules_router.conf", "manager_router.conf"),
    "freepbx": ("extensions_custom_router.conf", "manager_custom_router.conf"),
}
"""Kind of PBX -> the files written for it, each to be included from the file of Asterisk it is named after."""

ARI_FILES: Final = {"plain": ("http_router.conf", "ari_router.conf"), "freepbx": ("ari_custom_router.conf",)}
"""Kind of PBX -> the files written besides where calls are handed over by ARI."""

SECRET_FILES: Final = ("manager_router.conf", "manager_custom_router.conf")
"""Those that hold the secret of the manager user: nobody but Asterisk should read them."""

ARI_SECRET_FILES: Final = ("ari_router.conf", "ari_custom_router.conf")
"""Those that hold the secret of the ARI user."""

QUEUES: Final = ("sales", "support", "incident", "complaint", "reception")
"""Queues that the shipped branches lead to."""


class Stasis(NamedTuple):
    """How calls are handed over by ARI, in place of AGI."""

    apps: tuple[str, ...] = ("router",)
    """The applications, one of each daemon, in the order in which they are tried."""
    broadcast: bool = False
    """Whether a call is offered to all of them at once (StasisBroadcast: Asterisk 20.20, 22.10, 23.4 on)."""
    secret: str = ""
    """Password of the ARI user; without one a new one is made up."""


class Branch(NamedTuple):
    """A branch that answers, does its steps and ends in a queue."""

    name: str
    """Extension of `[router-branches]`."""
    steps: tuple[str, ...]
    """Subroutines run after answering, in order."""
    queue: str
    """Queue it ends in when the policy names none."""
    why: str
    """What it is for, as a comment for the sysadmin."""


_GREETED: Final = ("router-greet", "router-agent")

BRANCHES: Final = (
    Branch("sales", _GREETED, "sales", "Greeting with the offer of the day, then whoever sells."),
    Branch("sales-info", _GREETED, "sales", "Few are free: it informs and offers a call-back (key 9)."),
    Branch("account-manager", ("router-agent",), "sales", "No greeting and no menu: the own manager at once."),
    Branch("support", _GREETED, "support", "A question about work in progress."),
    Branch("incident", ("router-agent",), "incident", "Something is broken: nothing is played before a person."),
    Branch("reception", ("router-agent",), "reception", "Suppliers, partners, investors: never sold to."),
    Branch("inspector", _GREETED, "reception", "Greeting and menu without promotions, then the person responsible."),
    Branch("staff-family", _GREETED, "reception", "Served last, yet within the bounded wait of the queue."),
    Branch("problem", _GREETED, "reception", "The policy's words first, then a person all the same."),
)  # fmt: skip
"""The shipped branches of that shape; complaint, callback, decoy and default are written out in the template."""

WRITTEN_OUT: Final = ("complaint", "callback", "decoy", "default")
"""The shipped branches with a shape of their own."""

REPORTED: Final = {
    "rang": "ROUTER_RANG",
    "over": "EPOCH",
    "dir": "ROUTER_DIRECTION",
    "class": "ROUTER_CLASS",
    "branch": "ROUTER_BRANCH",
    "queue": "ROUTER_QUEUE",
    "head": "ROUTER_HEAD_START",
    "promised": "ROUTER_PROMISED_WAIT",
    "owed": "ROUTER_CALL_BACK",
    "since": "ROUTER_WAITS_SINCE",
    "asked": "ROUTER_ASKED",
    "escaped": "ROUTER_ESCAPED",
    "callback": "ROUTER_CALL_BACK_OF",
    "qs": "QUEUESTATUS",
    "abandoned": "ABANDONED",
    "waited": "QUEUEWAIT",
    "member": "MEMBERINTERFACE",
    "ds": "DIALSTATUS",
    "dialled": "DIALEDPEERNAME",
    "answered": "ANSWEREDTIME",
}
"""Names in the report of an end (`wire/end_report` reads them) -> channel variables."""

_TOKEN: Final = r"0-9A-Za-z_.:@/+\x2d"
"""What FILTER() leaves of a value: the letters of a token, `-` as its code because it is a sign there."""

_QUERY: Final = (
    "${ROUTER_CALLER}&did=${URIENCODE(${ROUTER_DID})}&trunk=${ROUTER_TRUNK}&choice=${ROUTER_CHOICE}"
    "&lang=${URIENCODE(${CHANNEL(language)})}&att=${URIENCODE(${ROUTER_ATT})}&ver=${URIENCODE(${ROUTER_VER})}"
    "&pai=${ROUTER_PAI}&proof=${ROUTER_PROOF}"
    "&chan=${URIENCODE(${CHANNEL(name)})}&uid=${UNIQUEID}&lid=${CHANNEL(linkedid)}"
)
"""What the router is told of a call, by the names of `wire.incoming_call.QUERY_NAMES`."""

_QUEUE: Final = re.compile(r"[A-Za-z0-9_.@+-]+")
_SCRIPT: Final = re.compile(r"[A-Za-z0-9._/-]+")
_APP: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SECRET: Final = re.compile(r"[A-Za-z0-9._~-]{8,}")
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]_-]+")


def render(
    pbx: str,
    *,
    host: str = "127.0.0.1",
    port: int = 4573,
    script: str = "",
    guard_ms: int = 300,
    branches: Iterable[str] = (),
    queues: Mapping[str, str] = MappingProxyType({}),
    secret: str = "",
    rights: Iterable[str] = (),
    stasis: Stasis | None = None,
) -> dict[str, str]:
    """Return the files of the dialplan for `pbx` (`plain` or `freepbx`): name -> text.

    Calls ask the daemon at `host`:`port`, or, where `script` names one, an AGI script of that name, or are handed over
    by ARI where `stasis` says how, and go on without an answer after `guard_ms`. `branches` and `queues` of a policy
    (with their names in Asterisk) that are not among the shipped ones get an extension (and a queue) each. `secret` is
    that of the manager user, who may write `rights`; without one a new one is made up. Raises `SettingsError`.
    """
    shipped = {*(branch.name for branch in BRANCHES), *WRITTEN_OUT}
    more = [name for name in dict.fromkeys(branches) if name and name not in shipped]
    all_queues = {**{name: name for name in QUEUES}, **queues}
    _check(pbx, host, port, script, guard_ms, secret)
    if stasis is not None:
        _check_stasis(stasis, script)
    _check_names((*more, *all_queues), all_queues.values())
    values = {
        "asks": _asks(host, port, script) if stasis is None else _hands_over(stasis, guard_ms),
        "stasis": stasis is not None,
        "piece": f"${{{PIECE}${{UNIQUEID}}}}",
        "texts": TEXTS,
        "ari_secret": (stasis and stasis.secret) or secrets.token_urlsafe(24),
        "guard_ms": guard_ms,
        "forget": _forget(),
        "report": _report(),
        "ended": _ended(),
        "spooled": bool(script) or _is_this_host(host),
        "report_at": f"agi://{_shown(host)}:{port}/ended?",
        "branches": [*BRANCHES, *(Branch(name, _GREETED, "reception", "A branch of the policy.") for name in more)],
        "queues": all_queues,
        "secret": secret or secrets.token_urlsafe(24),
        "rights": f" {','.join(sorted(rights))}".rstrip(),
        "events": KINDS,
    }
    return _rendered(pbx, PBX_FILES[pbx] + (ARI_FILES[pbx] if stasis is not None else ()), values)


def _check_names(words: Iterable[str], queues: Iterable[str]) -> None:
    for word in words:
        if not EXTENSION.match(word):
            raise SettingsError(f"{word!r} cannot be an extension of the dialplan", remedy="a-z, 0-9, - and _")
    for name in queues:
        if not _QUEUE.fullmatch(name):
            raise SettingsError(f"{name!r} cannot be a queue of Asterisk", remedy="letters, digits and _ . @ + -")


def _check(pbx: str, host: str, port: int, script: str, guard_ms: int, secret: str) -> None:
    if pbx not in PBX_FILES:
        raise SettingsError(f"no dialplan for a PBX called {pbx!r}", remedy=f"one of: {', '.join(PBX_FILES)}")
    if not _HOST.fullmatch(host) or not 0 < port < 65536:
        raise SettingsError(f"cannot ask at {host!r}, port {port}", remedy="an address such as 127.0.0.1 and 1-65535")
    if script and not _SCRIPT.fullmatch(script):
        raise SettingsError(f"{script!r} is no name of an AGI script", remedy="letters, digits and ._/- only")
    if not 0 < guard_ms <= 10_000:
        raise SettingsError(f"a guard of {guard_ms} ms is none", remedy="1 to 10000, 300 by default")
    if secret and not _SECRET.fullmatch(secret):
        raise SettingsError("the secret cannot stand in manager.conf", remedy="8 letters or more: A-Z a-z 0-9 . _ - ~")


def _check_stasis(stasis: Stasis, script: str) -> None:
    if script:
        raise SettingsError("a call is asked about once", remedy="by an AGI script or over ARI, not both")
    if not stasis.apps or len(set(stasis.apps)) < len(stasis.apps):
        raise SettingsError("each daemon needs an ARI application of its own", remedy="name each of them once")
    for app in stasis.apps:
        if not _APP.fullmatch(app):
            raise SettingsError(f"{app!r} is no name of an ARI application", remedy="letters, digits and _ . -")
    if stasis.secret and not _SECRET.fullmatch(stasis.secret):
        raise SettingsError("the password cannot stand in ari.conf", remedy="8 letters or more: A-Z a-z 0-9 . _ - ~")


def _asks(host: str, port: int, script: str) -> list[str]:
    """Return the question by AGI."""
    asked = f"{script},{_QUERY}" if script else f"agi://{_shown(host)}:{port}/route?{_QUERY}"
    return ["Set(AGIEXITONHANGUP=yes)", f"AGI({asked})"]


def _hands_over(stasis: Stasis, guard_ms: int) -> list[str]:
    """Return the steps that hand the call over by ARI: where nobody is connected, the call goes on at once."""
    if stasis.broadcast:
        apps = "|".join(app.replace(".", "[.]") for app in stasis.apps)
        return [f"StasisBroadcast({guard_ms // 2},^({apps})$,{_QUERY})"]
    first, *others = stasis.apps
    steps = [f"Stasis({first},{_QUERY})"]
    for app in others:
        steps += ['GotoIf($["${STASISSTATUS}" != "FAILED"]?back)', f"Stasis({app},{_QUERY})"]
    return steps


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _is_this_host(host: str) -> bool:
    return host.strip("[]") in ("localhost", "::1") or host.startswith("127.")


def _report() -> list[str]:
    """Return the pairs of the report's `end`, in two steps, each value cut down to what a token holds."""
    pairs = [rf"{name}=${{FILTER({_TOKEN},${{{variable}}})}}\;" for name, variable in REPORTED.items()]
    half = len(pairs) // 2
    return ["".join(pairs[:half]), "".join(pairs[half:])]


def _ended() -> str:
    """Return the report's query: the same names as of the question, and `end` with everything else."""
    return (
        "uid=${UNIQUEID}&lid=${CHANNEL(linkedid)}&did=${URIENCODE(${FILTER(0-9+,${ROUTER_DID})})}"
        "&chan=${URIENCODE(${CHANNEL(name)})}&num=${URIENCODE(${FILTER(0-9+,${ROUTER_NUMBER})})}"
        "&end=${URIENCODE(${ROUTER_END})}"
    )


def _forget() -> str:
    kept = {"ROUTER_BRANCH": "${ROUTER_FALLBACK}", "ROUTER_HEAD_START": "0", "ROUTER_NUMBER": "${ROUTER_SHOWN}"}
    names = [SENTINEL, *(variable.name for variable in CHANNEL_VARIABLES)]
    return ",".join(f"{name}={kept.get(name, '')}" for name in names)


def _rendered(pbx: str, names: Iterable[str], values: dict[str, object]) -> dict[str, str]:
    import jinja2  # slow to import, and only this act needs it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates()),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return {name: environment.get_template(f"{pbx}/{name}").render(values) for name in names}


def templates() -> Path:
    """Return the directory of the templates: inside an installed package, at the top of a checkout."""
    package = Path(__file__).parents[2]
    for place in (package / "dialplan", package.parent / "dialplan"):
        if (place / "calls.conf").is_file():
            return place
    raise SettingsError("the dialplan templates are missing", where=str(package), remedy="install the package again")
