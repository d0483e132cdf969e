"""A daemon with a shadow policy: whatever is wrong with that one, calls are routed."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.policy.load import files_of


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
