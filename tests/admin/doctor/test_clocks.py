from __future__ import annotations

from asterisk_router.admin.doctor.clocks import about_clocks, about_time_zone


def test_a_clock_an_hour_apart_is_red_and_says_to_which_side() -> None:
    found = list(about_clocks({"redis": (1000.0, 1001.0), "asterisk": (4600.0, 1000.0), "silent": (None, 1000.0)}))
    assert [(each.state, each.said) for each in found] == [
        ("green", "redis and this machine agree"),
        ("red", "asterisk is 3600 s ahead of this machine"),
    ]
    assert next(about_clocks({"redis": (997.0, 1000.0)})).said == "redis is 3 s behind this machine"


def test_another_time_zone_is_worth_a_look() -> None:
    assert about_time_zone("Europe/Vienna", "Europe/Vienna").state == "green"
    assert about_time_zone("Europe/Vienna", "").state == "green"
    assert about_time_zone("Europe/Vienna", "Etc/UTC").state == "yellow"
