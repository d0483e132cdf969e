"""`serve`: options and environment become settings; the daemon starts, answers and stops."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from asterisk_router.admin.cli.router import commands
from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.daemon.main import PORTS
from asterisk_router.settings import Address, Settings, parse_address
from asterisk_router.wire.incoming_call import IncomingCall

ROOT = Path(__file__).parents[3]


def settings_of(*arguments: str) -> Settings:
    """What `serve` would run with."""
    given: list[Settings] = []

    def serve(settings: Settings) -> int:
        given.append(settings)
        return 7

    served = CliRunner().invoke(commands(), ["serve", *arguments], obj=PORTS._replace(serve=serve))
    assert served.exit_code == 7, served.output
    return given[0]


def test_without_options_the_settings_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTERISK_ROUTER_STATE_DIR", raising=False)
    assert settings_of() == Settings()


def test_options_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTERISK_ROUTER_LISTEN", "127.0.0.1:1")
    monkeypatch.setenv("ASTERISK_ROUTER_DEADLINE_MS", "20")
    settings = settings_of("--listen", "[::1]:4999", "--allow", "192.0.2.0/24", "--redis", "redis://127.0.0.1/1")
    assert (settings.listen, settings.deadline_ms) == (Address("::1", 4999), 20)
    assert (settings.allow, settings.redis) == (("192.0.2.0/24",), "redis://127.0.0.1/1")


def test_several_pbxs_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings_of("--ami", "ami://router:s@192.0.2.1/berlin", "--ami", "amis://router:s@192.0.2.2:5039/bonn")
    assert [str(server) for server in given.ami] == ["berlin (router@192.0.2.1:5038)", "bonn (router@192.0.2.2:5039)"]
    monkeypatch.setenv("ASTERISK_ROUTER_AMI", "ami://router:s@192.0.2.1/berlin amis://router:s@192.0.2.2:5039/bonn")
    assert settings_of() == Settings(ami=given.ami)


def test_several_ari_applications_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings_of("--ari", "ari://router:s@192.0.2.1", "--ari", "aris://router:s@192.0.2.2:8099/router-b")
    assert [str(server) for server in given.ari] == [
        "router (router@192.0.2.1:8088)",
        "router-b (router@192.0.2.2:8099)",
    ]
    monkeypatch.setenv("ASTERISK_ROUTER_ARI", "ari://router:s@192.0.2.1 aris://router:s@192.0.2.2:8099/router-b")
    assert settings_of() == Settings(ari=given.ari)


def test_one_application_is_one_connection() -> None:
    twice = ["--ari", "ari://router:s@192.0.2.1", "--ari", "ari://other:s@192.0.2.1/router"]
    refused = CliRunner().invoke(commands(), ["serve", *twice], obj=PORTS)
    assert refused.exit_code == 1 and "given twice" in refused.output


def test_a_pbx_without_a_secret_is_refused_in_words() -> None:
    refused = CliRunner().invoke(commands(), ["serve", "--ami", "ami://router@192.0.2.1/berlin"], obj=PORTS)
    assert refused.exit_code == 1 and "secret_file" in refused.output


@pytest.mark.parametrize("arguments", [("--listen", "nowhere:x"), ("--deadline-ms", "9000"), ("--policy", "shopp")])
def test_a_setting_that_cannot_be_used_is_said(arguments: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--listen", "127.0.0.1:0"]
    command += ["--state-dir", str(tmp_path), *arguments]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert "Error: " in refused.stderr and "Traceback" not in refused.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_when_told(tmp_path_factory: pytest.TempPathFactory, sign: signal.Signals) -> None:
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--policy", "shop"]
    command += ["--listen", "127.0.0.1:0", "--state-dir", str(tmp_path_factory.mktemp("s"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout
        address = parse_address(daemon.stdout.readline().split(" listening on ")[1].split()[0])
        answer = ask(address, IncomingCall("anonymous", "+42120550000"))
        daemon.send_signal(sign)
        assert daemon.wait(60) == 0
    assert answer.complete and answer.variables["ROUTER_CLASS"] == "unidentified"
