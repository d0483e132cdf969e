"""The whole examination: asks everything once, and has it judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...errors import AmiError, PolicyError, RouterError
from ...policy.policy import Policy
from ...settings import AmiServer, AriServer, Settings
from ...wire.ami_rights import SeenManager
from ...wire.redis_info import SeenStore
from ...wire.seen_ari import SeenAri
from ..ports import StateFiles
from ..status import daemons
from . import clocks, listening, modes, pbx, releases, store
from .dialplan import about_dialplan
from .finding import Finding, green, red


class Looks(NamedTuple):
    """How things are asked; handed over by the daemon's composition."""

    policy: Callable[[str], Policy]
    """Reads a policy; raises PolicyError."""
    state: Callable[[Path], StateFiles]
    """What the daemons of a state directory say of themselves."""
    store: Callable[[str, Path], SeenStore]
    """Looks at the store of the callers; raises SettingsError."""
    manager: Callable[[AmiServer], SeenManager]
    """Looks at the rights of our manager user; raises AmiError."""
    ari: Callable[[AriServer], SeenAri]
    """Looks at ARI."""


class Place(NamedTuple):
    """What is examined beside the settings of the daemon."""

    dialplan: Path | None
    """Asterisk's configuration; None where it is not on this machine."""
    secrets: tuple[Path, ...]
    """Files that hold a secret."""


def examine(settings: Settings, place: Place, looks: Looks) -> Iterator[Finding]:
    """Every finding as it is made, the nearest to the call first."""
    yield from listening.about_door(settings.listen, listening.listeners(settings.listen.port))
    yield modes.about_state(settings.state_dir)
    yield from modes.about_admin_socket(settings.admin_socket)
    yield from _daemons(looks.state(settings.state_dir))
    policy, said = _policy(settings.policy, looks)
    yield said
    seen = looks.store(settings.redis, settings.state_dir)
    yield from store.about_store(seen)
    shown: dict[str, tuple[float | None, float]] = {"redis": (seen.at_s, seen.asked_at_s)}
    if not settings.ami:
        yield pbx.NOT_FOLLOWED
    for server in settings.ami:
        yield from _manager(server, policy, looks, shown)
    for application in settings.ari:
        answer = looks.ari(application)
        yield from pbx.about_ari(answer)
        shown[f"asterisk ({application.host})"] = (answer.at_s, answer.asked_at_s)
    if place.dialplan is not None:
        yield from _dialplan(place.dialplan)
    yield modes.about_spool(settings.spool_dir, asterisk_is_here=place.dialplan is not None)
    yield from modes.about_secrets(place.secrets)
    yield from clocks.about_clocks(shown)
    if policy is not None:
        yield clocks.about_time_zone(policy.timezone, clocks.zone_of_machine())


def _daemons(state: StateFiles) -> Iterator[Finding]:
    """What the daemons that run say of themselves."""
    try:
        found = daemons(state)
    except (RouterError, OSError) as fault:
        yield red("daemon", str(fault).splitlines()[0], "systemctl start asterisk-router, or asterisk-router serve")
        return
    for each in found:
        if each.policy_fault:
            said = f"{each.pid} routes by {each.policy_version}, not by its file: {each.policy_fault}"
            yield red("daemon", said, f"asterisk-router check {each.policy_file}, mend it, save it")
        elif each.store_fault:
            yield red("daemon", f"{each.pid} finds no callers: {each.store_fault}", "see redis, below")
        else:
            yield green("daemon", f"{each.pid} routes by {each.policy_version} and finds callers")
        yield from releases.about_release(each)


def _policy(source: str, looks: Looks) -> tuple[Policy | None, Finding]:
    try:
        policy = looks.policy(source)
    except (PolicyError, OSError) as fault:
        said = f"{source} is refused: {str(fault).splitlines()[0]}"
        return None, red("policy", said, f"asterisk-router check {source} says all, with places and remedies")
    return policy, green("policy", f"{source} is fit to route calls: {policy.version}, {policy.tests} tests passed")


def _manager(
    server: AmiServer, policy: Policy | None, looks: Looks, shown: dict[str, tuple[float | None, float]]
) -> Iterator[Finding]:
    seen, fault = None, ""
    try:
        seen = looks.manager(server)
        shown[f"asterisk ({server.name})"] = (seen.at_s, seen.asked_at_s)
    except AmiError as away:
        fault = str(away).splitlines()[0]
    needed = pbx.needed_rights(policy) if policy is not None else frozenset(seen.write if seen else ())
    yield from pbx.about_manager(str(server), fault, seen, needed)


def _dialplan(directory: Path) -> Iterator[Finding]:
    try:
        yield from about_dialplan(directory)
    except OSError as fault:
        remedy = "run this as root, or as a user who may read it; --dialplan DIR if it is elsewhere"
        yield red("dialplan", f"{fault.filename or directory}: {fault.strerror}", remedy)
