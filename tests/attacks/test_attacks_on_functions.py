"""What is handed in as a function: none may pass, hang, harm anything or leave anything running."""

import pytest

from tests.attacks.corpus import attacks


@pytest.mark.parametrize("attack", attacks("python"))
def test_the_attack_is_stopped(hand_in, attack):
    hand_in(attack, "risk-level")
