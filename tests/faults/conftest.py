"""The Asterisk of the live tests."""

from tests.live.conftest import testbed

__all__ = ["testbed"]
