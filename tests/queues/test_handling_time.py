"""How long a conversation takes: seeds, learning, and what does not count."""

from __future__ import annotations

import random

from asterisk_router.queues.handling_time import UNKNOWN_S, HandlingTime


def test_nobody_has_told_anything() -> None:
    assert HandlingTime().estimate(0, 0, 0, 0).mean_s == UNKNOWN_S
    assert HandlingTime().estimate(20, 0, 0, 0).mean_s == UNKNOWN_S + 20


def test_the_policy_speaks_first() -> None:
    handling = HandlingTime().estimate(20, 300, 0, 0)
    assert (handling.mean_s, handling.spread) == (300, 1.0)


def test_app_queue_s_average_counts_more_the_more_calls_it_has_seen() -> None:
    learned = HandlingTime()
    few = learned.estimate(20, 300, 100, 2).mean_s
    many = learned.estimate(20, 300, 100, 200).mean_s
    assert 120 < few < 300 and many == 120
    assert learned.estimate(20, 300, 0, 200).mean_s == 300


def test_our_own_calls_are_believed_before_both() -> None:
    learned = HandlingTime()
    for _ in range(8):
        learned.learn_talk(40)
    assert learned.estimate(20, 300, 100, 200).mean_s == 60


def test_ringing_takes_an_agents_time_too() -> None:
    learned = HandlingTime()
    for rang_s in (4, 8):
        learned.learn_ring(rang_s)
    handling = learned.estimate(0, 300, 0, 0)
    assert (handling.ring_s, handling.mean_s) == (6, 306)


def test_the_mean_is_found_and_a_change_is_followed() -> None:
    dice, learned = random.Random(1), HandlingTime()
    for _ in range(300):
        learned.learn_talk(dice.expovariate(1 / 120))
    assert 80 < learned.estimate(0, 300, 0, 0).mean_s < 160
    for _ in range(200):
        learned.learn_talk(dice.expovariate(1 / 600))
    assert 400 < learned.estimate(0, 300, 0, 0).mean_s < 800


def test_a_receiver_left_beside_the_telephone_is_no_trend() -> None:
    learned = HandlingTime()
    for _ in range(20):
        learned.learn_talk(60)
    learned.learn_talk(36_000)
    assert learned.estimate(0, 0, 0, 0).mean_s < 75


def test_conversations_that_are_all_alike_are_known_to_be() -> None:
    alike, by_lot, dice = HandlingTime(), HandlingTime(), random.Random(2)
    for _ in range(200):
        alike.learn_talk(60)
        by_lot.learn_talk(dice.expovariate(1 / 60))
    assert alike.estimate(0, 0, 0, 0).spread < 0.5 < 0.8 < by_lot.estimate(0, 0, 0, 0).spread <= 1
