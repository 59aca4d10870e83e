"""What is handed in as a service: none may pass, hang, harm anything or leave anything running."""

import pytest

from tests.attacks.corpus import attacks


@pytest.mark.parametrize("attack", attacks("python"))
def test_the_attack_is_stopped(hand_in, attack):
    hand_in(attack, "health-endpoint")


@pytest.mark.parametrize("attack", attacks("service"))
def test_the_attack_of_a_service_is_stopped(hand_in, attack):
    hand_in(attack, "health-endpoint")


def test_after_all_of_it_a_right_answer_passes(shooting_range):
    shooting_range.put("health-endpoint")
    shooting_range.expect_passed("health-endpoint")
