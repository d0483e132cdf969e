"""Fixtures that every part of the tests may ask for, and how long a generated example may take: as long as it takes."""

import os

from hypothesis import settings

from tests.live.redis_server import redis_server, shared_redis_server

__all__ = ["redis_server", "shared_redis_server"]

# a machine with other work must fail no test; `make fuzz` asks for more examples than the tests
settings.register_profile("untimed", deadline=None, max_examples=int(os.environ.get("ASTERISK_ROUTER_EXAMPLES") or 100))
settings.load_profile("untimed")
