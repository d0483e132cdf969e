"""The testbeds and the sites (plain, FreePBX-shaped, the oldest Asterisk), each started once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import asterisk_testbed
from tests.live.redis_server import RedisServer
from tests.live.site import Site, running_site


@pytest.fixture(scope="session")
def testbed() -> Path:
    """The chroot with a real Asterisk, built when this machine has none yet."""
    return asterisk_testbed.testbed()


@pytest.fixture(scope="session", autouse=True)
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands without `--state-dir` leave their record of acts in a directory of this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASTERISK_ROUTER_STATE_DIR", str(tmp_path_factory.mktemp("s")))
        yield


@pytest.fixture(scope="session")
def live_redis() -> Iterator[RedisServer]:
    """A Redis server of the live tests alone: what they know about callers stays between tests."""
    server = RedisServer().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def plain_site(request: pytest.FixtureRequest, testbed: Path, live_redis: RedisServer) -> Iterator[Site]:
    """A plain Asterisk with the templates."""
    with running_site("plain", testbed, live_redis.unix_url) as site:
        yield site
        site.keep_log = bool(request.session.testsfailed)


@pytest.fixture(scope="session")
def freepbx_site(request: pytest.FixtureRequest, testbed: Path, live_redis: RedisServer) -> Iterator[Site]:
    """An Asterisk whose dialplan has the shape FreePBX gives it, with the templates."""
    with running_site("freepbx", testbed, live_redis.unix_url) as site:
        yield site
        site.keep_log = bool(request.session.testsfailed)


@pytest.fixture(scope="session")
def oldest_site(request: pytest.FixtureRequest, live_redis: RedisServer) -> Iterator[Site]:
    """A plain Asterisk 16, the oldest that is served, with the same templates."""
    with running_site("plain", asterisk_testbed.testbed(asterisk_testbed.OLDEST), live_redis.unix_url) as site:
        yield site
        site.keep_log = bool(request.session.testsfailed)


@pytest.fixture(params=["plain", "freepbx", "oldest"])
def each_site(request: pytest.FixtureRequest) -> Site:
    """Every kind of site, in turn, with nothing seen yet."""
    site: Site = request.getfixturevalue(f"{request.param}_site")
    site.watcher.forget()
    return site
