"""The shadow policy takes the place of the live one, or an earlier version does.

Both put files where the live policy lies; the daemon finds them as it finds any policy that was saved, so a call
meets the old version or the new one, whole. What lay there is kept first.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import PolicyError, RouterError
from ..policy.kept_versions import KeptVersion, order
from ..policy.load import files_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..policy.kept_versions import Act
    from ..policy.policy import Policy
    from .ports import StateFiles

PATIENCE_S = 10.0
"""How long it may take until every daemon has the version in force: it looks twice a second, and reads once a second
what to tell."""

GLANCE_S = 0.1
"""How often it is looked whether they have."""


class Change(NamedTuple):
    """Another version in the place of the live policy."""

    version: str
    """The version that is there now."""
    before: str
    """The version that was; empty when what lay there cannot be read."""
    file: str
    """The policy file."""
    who: str
    """Who asked for it."""


def shadowed(state: StateFiles) -> list[dict[str, Any]]:
    """What the daemons with a shadow policy say; raises RouterError when there is none."""
    notices = [notice for notice in state.notices.read_all() if notice["shadow_file"]]
    if not notices:
        raise RouterError(
            "no daemon on this state directory has a shadow policy",
            remedy="run asterisk-router serve --shadow FILE, or name its --state-dir",
        )
    return notices


def promote(state: StateFiles, load: Callable[[str], Policy], at_s: float, who: str) -> Change:
    """Put the shadow policy in the place of the live one, for `who`.

    Raises PolicyError when it has faults, RouterError when it is not the one that is compared, OSError.
    """
    notices = shadowed(state)
    notice = notices[0]
    names = ("policy_file", "shadow_file", "shadow_version")
    if any(other[name] != notice[name] for other in notices for name in names):
        raise RouterError(
            "the daemons on this state directory compare different policies",
            where=", ".join(str(each["pid"]) for each in notices),
            remedy="give each pair of policies a state directory of its own, or wait until all have read them",
        )
    shadow_file = Path(notice["shadow_file"])
    content = state.versions.content_of(shadow_file, files_of(str(shadow_file)))
    policy = load(str(shadow_file))
    unchanged = content == state.versions.content_of(shadow_file, files_of(str(shadow_file)))
    if policy.version != notice["shadow_version"] or not unchanged:
        raise RouterError(
            "the shadow policy was saved and is not the one that was compared",
            where=str(shadow_file),
            remedy="look at asterisk-router shadow show in some seconds, then try again",
        )
    return _put(state, load, notice["policy_file"], content, policy.version, "promoted", at_s, who)


def rollback(state: StateFiles, load: Callable[[str], Policy], at_s: float, who: str, version: str = "") -> Change:
    """Put back the version that was in force before the one that is, or the one called `version`.

    Raises RouterError when there is none, OSError.
    """
    history = state.versions.history()
    running = [notice["policy_file"] for notice in state.notices.read_all()]
    files = running or [entry.file for entry in history[-1:]]
    if len(set(files)) > 1:
        raise RouterError("the daemons on this state directory have different policies", where=", ".join(files))
    file = files[0] if files else ""
    if version:
        found = [entry for entry in history if entry.file == file and version in (entry.version, entry.content)]
    else:
        found = order(history, file)[-2:-1]
    if not found:
        problem = f"no version {version} is kept" if version else "no earlier version is kept"
        raise RouterError(problem, where=file, remedy="asterisk-router shadow history lists those that are")
    return _put(
        state, load, file, state.versions.content(found[-1].content), found[-1].version, "rolled-back", at_s, who
    )  # fmt: skip


def in_force(state: StateFiles, change: Change, patience_s: float = PATIENCE_S) -> bool | None:
    """Wait until every daemon has the changed policy in force; False when one has not, None when none runs."""
    until_s = monotonic() + patience_s
    while True:
        versions = {each["policy_version"] for each in state.notices.read_all() if each["policy_file"] == change.file}
        if versions <= {change.version} or monotonic() > until_s:
            return versions == {change.version} if versions else None
        sleep(GLANCE_S)


def _put(
    state: StateFiles,
    load: Callable[[str], Policy],
    file: str,
    content: Mapping[str, bytes],
    version: str,
    act: Act,
    at_s: float,
    who: str,
) -> Change:
    path = Path(file)
    if any(notice["shipped"] for notice in state.notices.read_all() if notice["policy_file"] == file):
        raise RouterError(
            "the live policy is one that is shipped, nothing can take its place",
            where=file,
            remedy="copy it, and run asterisk-router serve --policy FILE",
        )
    before = _kept(state, load, path, who, at_s)
    if before == version and state.versions.content_of(path, files_of(file)) == content:
        return Change(version, before, file, who)
    state.versions.put(content, path, files_of(file))
    state.versions.keep(KeptVersion(at_s, version, state.versions.hash_of(content), act, who, file), content)
    return Change(version, before, file, who)


def _kept(state: StateFiles, load: Callable[[str], Policy], path: Path, who: str, at_s: float) -> str:
    """Keep what lies in the policy's place, were it ever so broken; its version, empty when it has none."""
    versions = state.versions
    try:
        content = versions.content_of(path, files_of(str(path)))
    except FileNotFoundError:
        return ""
    name = versions.hash_of(content)
    known = [entry for entry in versions.history() if entry.file == str(path)]
    if known and known[-1].content == name:
        return known[-1].version
    try:
        version, act = load(str(path)).version, "read"
    except PolicyError:
        version, act = "", "set-aside"
    versions.keep(KeptVersion(at_s, version, name, act, who, str(path)), content)  # type: ignore[arg-type]
    return version
