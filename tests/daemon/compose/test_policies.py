"""A daemon with a shadow policy: whatever is wrong with that one, calls are routed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from asterisk_router.policy.load import files_of
from tests.daemon.conftest import Daemon


def test_a_shadow_that_is_not_there_or_broken_keeps_nobody_waiting(daemon, tmp_path: Path, until) -> None:
    shadow = tmp_path / "shadow.toml"
    router = daemon(shadow=shadow)
    assert b"ROUTER_OK" in router.call()
    until(lambda: "shadow.toml is not there" in router.log)
    shadow.write_text("[policy")
    until(lambda: "the shadow policy is refused" in router.log)
    assert b"ROUTER_OK" in router.call()
    shadow.write_bytes(files_of("clinic")[-1].read_bytes())
    until(lambda: "shadow policy" in router.log and "version clinic-" in router.log)
    assert b'ROUTER_POLICY "shop-' in router.call()


GUARD_S = 0.3
"""So long a call waits for its answer; then the dialplan hangs up on the daemon and goes on to its default."""

SLOW_S = 0.05

LONG = """
import os, sys, time
from asterisk_router.policy.policy import Policy
decide = Policy.decide
def slowly(policy, *call):
    if policy.name == "later":
        print("the shadow begins", file=sys.stderr, flush=True)
        {holding}
        print("the shadow is done", file=sys.stderr, flush=True)
    return decide(policy, *call)
Policy.decide = slowly
"""


@pytest.mark.alone
def test_calls_are_answered_beside_a_slow_shadow_as_without_it(daemon, tmp_path: Path, until) -> None:
    live, shadow = written(tmp_path, "old"), written(tmp_path, "later")
    alone = answered(daemon(live))
    router = daemon(live, shadow=shadow, before=LONG.format(holding=f"time.sleep({SLOW_S})"))
    until(lambda: "version later-" in router.log)
    began_s = time.monotonic()
    for _ in range(100):
        assert answered(router) == alone
        time.sleep(0.02)
    until(lambda: "the shadow is done" in router.log)
    most = 5 + (time.monotonic() - began_s) / (5 * SLOW_S)
    assert router.log.count("the shadow is done") < most, "it rests for many times as long as it takes"


@pytest.mark.alone
def test_a_shadow_that_hangs_leaves_calls_to_the_default_of_the_dialplan_until_it_goes_on(
    daemon, tmp_path: Path, until
) -> None:
    live, shadow = written(tmp_path, "old"), written(tmp_path, "later")
    alone = answered(daemon(live))
    go_on = tmp_path / "go-on"
    router = daemon(
        live, shadow=shadow, before=LONG.format(holding=f"while not os.path.exists('{go_on}'): time.sleep(0.01)")
    )
    until(lambda: "version later-" in router.log)
    assert answered(router) == alone, "the answer is out before the shadow begins, which has no end yet"
    until(lambda: "the shadow begins" in router.log)
    with pytest.raises(TimeoutError):
        router.call(patience_s=GUARD_S)
    go_on.touch()
    until(lambda: "the shadow is done" in router.log)
    assert [answered(router) for _ in range(20)] == [alone] * 20, "it rests"


def written(folder: Path, name: str) -> Path:
    """A policy that tells every call the same."""
    file = folder / f"{name}.toml"
    file.write_text(
        f'[policy]\nname = "{name}"\n[classes.{name}]\nbranch = "default"\n'
        f'[[classify]]\nname = "all"\nclass = "{name}"\n'
    )
    return file


def answered(router: Daemon) -> bytes:
    """What a call is told, which may be late where the machine was somebody else's."""
    said = router.call()
    assert b"ROUTER_OK" in said
    return said
