"""`check` asks a real Asterisk about the queues of a policy, with the rights the manager user is written with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asterisk_router.admin.cli.router import commands
from asterisk_router.daemon.main import PORTS
from tests.live.site import SECRET, Site

pytestmark = pytest.mark.live

POLICY = """\
[policy]
name = "house"
[queues.sales]
asterisk = "{sales}"
[queues.vienna]
[classes.caller]
branch = "sales"
queue = "sales"
[[classify]]
name = "everybody"
class = "caller"
[[test]]
name = "anybody"
at = "2026-03-02 10:00"
expect = {{ class = "caller" }}
"""


def check(site: Site, *words: str, user: str = "as-written") -> Result:
    ami = f"ami://{user}:{SECRET}@127.0.0.1:{site.pbx.ami_port}/berlin"
    return CliRunner().invoke(commands(), ["check", *words, "--ami", ami], obj=PORTS)


def test_a_policy_is_held_against_the_queues_of_a_pbx(each_site: Site, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY.format(sales=each_site.queue("sales")))
    assert check(each_site, str(file)).exit_code == 0
    file.write_text(file.read_text() + '[[treat]]\nwhen = "hour < 8"\nqueue = "vienna"\n')
    refused = check(each_site, str(file), "--json")
    assert refused.exit_code == 1
    errors = [fault for fault in json.loads(refused.stdout)["faults"] if fault["severity"] == "error"]
    assert [(fault["line"], fault["problem"]) for fault in errors] == [(18, "queue: 'vienna' is no queue of berlin")]


def test_branches_are_looked_for_in_the_dialplan_where_the_user_may_read_it(each_site: Site, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    policy = POLICY.format(sales=each_site.queue("sales"))
    file.write_text(policy)
    passed = check(each_site, str(file), user="reader")
    assert (passed.exit_code, passed.stderr) == (0, "")
    file.write_text(policy.replace('branch = "sales"', 'branch = "lounge"') + "[branches.lounge]\n")
    assert check(each_site, str(file), user="reader").exit_code == 0, "one of the site's own"
    file.write_text(policy.replace('branch = "sales"', 'branch = "attic"') + "[branches.attic]\n")
    refused = check(each_site, str(file), user="reader")
    assert refused.exit_code == 1
    assert "no extension 'attic' in [router-branches] on berlin: its calls take the default" in refused.stderr
    without = check(each_site, str(file))
    assert without.exit_code == 0
    assert without.stderr.splitlines() == [
        "berlin: branches are not looked for in its dialplan: its manager user has neither  write = reporting  nor  "
        "write = config"
    ]


def test_a_pbx_that_lets_nobody_in_is_told(plain_site: Site) -> None:
    ami = f"ami://as-written:wrong@127.0.0.1:{plain_site.pbx.ami_port}/berlin"
    refused = CliRunner().invoke(commands(), ["check", "shop", "--ami", ami], obj=PORTS)
    assert refused.exit_code == 1 and "login refused" in refused.stderr and "wrong" not in refused.stderr
