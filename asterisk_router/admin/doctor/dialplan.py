"""The dialplan as it lies on the disk: is the router's part read by Asterisk, and guarded against the router itself."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

from ..pbx.extensions import Dialplan
from .finding import Finding, green, red, yellow

ENTRY = ("router-ask", "s")
"""Where a call asks the router."""

_INCLUDE = re.compile(r"#(?:try)?include\s+[\"<]?([^\">\s]+)")
_GUARD = re.compile(r"TIMEOUT\(absolute\)\s*=\s*([\d.]+)\s*\Z")
_ASKS = ("agi", "stasis", "stasisbroadcast")
_SENDS = re.compile(r"(?m)^\s*context\s*=>?\s*(router-in|from-pstn)\b")

LONGEST_GUARD_S = 1.0
"""A guard that lets a call stand longer than this is none."""


def about_dialplan(directory: Path) -> Iterator[Finding]:
    """What the files of a PBX in `directory` say; raises OSError."""
    dialplan = Dialplan()
    dialplan.read(directory)
    steps = dialplan.steps(*ENTRY)
    if not steps:
        remedy = f"asterisk-router dialplan --pbx plain --output {directory}, or: asterisk-router install"
        yield red("dialplan", f"no [{ENTRY[0]}] in {directory}/extensions*.conf", remedy)
        return
    file = steps[0].where.partition(":")[0]
    yield _included(directory, file)
    guards = [(at, _GUARD.search(step.arguments)) for at, step in enumerate(steps) if step.app == "set"]
    limits = [(at, float(found[1])) for at, found in guards if found]
    asks = next((at for at, step in enumerate(steps) if step.app in _ASKS), None)
    if asks is None:
        yield red("dialplan asks", f"{file}: no step asks the router", "asterisk-router dialplan writes it anew")
        return
    before = [limit_s for at, limit_s in limits if at < asks]
    where = steps[asks].where
    remedy = "asterisk-router dialplan writes it: Set(TIMEOUT(absolute)=0.3) before, and extension T to go on"
    if not before or not 0 < before[-1] <= LONGEST_GUARD_S:
        what = f"of {before[-1]:g} s" if before else "at all"
        yield red("dialplan guard", f"{where}: no guard {what}: a frozen daemon would hold every call", remedy)
    elif not dialplan.contexts[ENTRY[0]].get("T"):
        yield red("dialplan guard", f"{where}: no extension T: the guard would end the call", remedy)
    else:
        yield green("dialplan guard", f"{where}: a call goes on after {before[-1] * 1000:.0f} ms, whatever happens")
    yield _sent(directory)


def _included(directory: Path, file: str) -> Finding:
    """Whether Asterisk reads the file: from extensions.conf, over whatever includes what."""
    told, waiting = {"extensions.conf"}, ["extensions.conf"]
    while waiting:
        path = directory / waiting.pop()
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        for line in text.splitlines():
            found = _INCLUDE.match(line.strip())
            if found:
                pattern = found[1].removeprefix(f"{directory}/")
                names = [each.name for each in directory.iterdir() if fnmatch.fnmatch(each.name, pattern)]
                waiting += [name for name in names if name not in told]
                told.update(names)
    if file in told:
        return green("dialplan", f"{file} is read by Asterisk")
    parent = "extensions_custom.conf" if "custom" in file else "extensions.conf"
    remedy = f"#include {file}  in {directory}/{parent}, then: asterisk -rx 'dialplan reload'"
    return red("dialplan", f"{file} is in {directory}, and nothing includes it", remedy)


def _sent(directory: Path) -> Finding:
    """Whether a trunk sends its calls to the router, as far as files tell."""
    for path in [directory / "pjsip.conf", *sorted(directory.glob("pjsip*.conf"))]:
        if path.is_file() and _SENDS.search(path.read_text(encoding="utf-8", errors="replace")):
            return green("trunk", f"{path.name} sends calls to the router")
    remedy = "context = router-in  in the trunk's endpoint in pjsip.conf, when you are ready"
    return yellow("trunk", "no endpoint of pjsip*.conf sends calls to the router", remedy)
