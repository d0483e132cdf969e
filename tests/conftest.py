"""Fixtures that every part of the tests may ask for, and how examples are generated: the same ones in every run.

They may take as long as they take: a machine with other work must fail no test, and no change one it has nothing to do
with. `ASTERISK_ROUTER_EXAMPLES=1000`, as `make fuzz` has it, draws so many, and others each time.
"""

import os

from hypothesis import HealthCheck, settings

from tests.live.redis_server import redis_server, shared_redis_server

__all__ = ["redis_server", "shared_redis_server"]

EXAMPLES = os.environ.get("ASTERISK_ROUTER_EXAMPLES")

settings.register_profile(
    "untimed",
    deadline=None,
    max_examples=int(EXAMPLES or 100),
    derandomize=not EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")
