"""What is handed in as a function: none may pass, hang, harm anything or leave anything running."""

import pytest

from tests.attacks.corpus import attacks


@pytest.mark.parametrize("attack", attacks("python"))
def test_the_attack_is_stopped(hand_in, attack):
    hand_in(attack, "risk-level")


def test_after_all_of_it_a_right_answer_passes(shooting_range):
    shooting_range.put("risk-level")
    shooting_range.expect_passed("risk-level")
