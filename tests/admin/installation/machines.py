"""Machines of tests: directories that look like the root of a PBX."""

from __future__ import annotations

import os
from pathlib import Path

EXTENSIONS = "[general]\nstatic=yes\n\n[incoming]\nexten => _X.,1,Dial(PJSIP/desk)"
"""The admin's own dialplan, its last line without an end."""

PROGRAM = "/opt/asterisk-router/bin/asterisk-router"


def pbx(root: Path) -> Path:
    """A machine with Asterisk, its user and some configuration; who is not root can add no user, and finds one."""
    ours = "" if os.geteuid() == 0 else "asterisk-router:x:998:998::/:/bin/false\n"
    (root / "etc/asterisk").mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nasterisk:x:64999:64998::/:/bin/false\n" + ours)
    (root / "etc/group").write_text("root:x:0:\nasterisk:x:64998:\n")
    (root / "etc/asterisk/extensions.conf").write_text(EXTENSIONS)
    (root / "etc/asterisk/extensions.conf").chmod(0o664)
    return root


def everything(root: Path) -> dict[str, tuple[int, int, int, str]]:
    """All that is below a root: mode, owner, group and text; nothing of the lists of users, which useradd rewrites."""
    found = {}
    for folder, _, names in os.walk(root):
        for path in (Path(folder), *(Path(folder) / name for name in names)):
            if not path.name.startswith(("passwd", "group", "shadow", "gshadow", "subuid", "subgid", ".pwd")):
                at = path.stat()
                text = path.read_text() if path.is_file() else ""
                found[str(path.relative_to(root))] = (at.st_mode, at.st_uid, at.st_gid, text)
    return found
