"""What daemons say of themselves, and that the dead say nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from asterisk_router.store.daemon_notices import DaemonNotices


def test_the_latest_word_of_a_daemon_counts_until_it_is_withdrawn(tmp_path: Path) -> None:
    notices = DaemonNotices(tmp_path / "policy" / "daemons")
    assert notices.read_all() == []
    notices.publish({"policy_file": "a"})
    notices.publish({"policy_file": "b"})
    assert notices.read_all() == [{"pid": os.getpid(), "policy_file": "b"}]
    notices.withdraw()
    notices.withdraw()
    assert notices.read_all() == []


def test_the_killed_and_the_unreadable_are_left_out(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f"{dead.pid}.json").write_text(json.dumps({"pid": dead.pid}))
    (tmp_path / "1.json").write_text("{")
    (tmp_path / "other.json").write_text("{}")
    notices = DaemonNotices(tmp_path)
    notices.publish({})
    assert [notice["pid"] for notice in notices.read_all()] == [os.getpid()]


def test_who_has_the_number_of_one_that_was_killed_says_nothing(tmp_path: Path) -> None:
    notices = DaemonNotices(tmp_path)
    notices.publish({})
    left = tmp_path / f"{os.getpid()}.json"
    said = json.loads(left.read_text())
    left.write_text(json.dumps({**said, "born": "7 of a boot before"}))
    assert notices.read_all() == []
    left.write_text(json.dumps({"pid": os.getpid()}))  # as releases before this one did
    assert len(notices.read_all()) == 1
