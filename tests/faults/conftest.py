"""The Asterisk of the live tests."""

from tests.live.conftest import state_dir, testbed

__all__ = ["state_dir", "testbed"]
