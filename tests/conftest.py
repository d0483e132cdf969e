"""Fixtures that every part of the tests may ask for, and how long a generated example may take: as long as it takes."""

from hypothesis import settings

from tests.live.redis_server import redis_server, shared_redis_server

__all__ = ["redis_server", "shared_redis_server"]

settings.register_profile("untimed", deadline=None)  # a machine with other work must fail no test
settings.load_profile("untimed")
