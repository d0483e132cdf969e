"""Fixtures that every part of the tests may ask for."""

from tests.live.redis_server import redis_server, shared_redis_server

__all__ = ["redis_server", "shared_redis_server"]
