"""What is handed in as a service: none may pass, hang, harm anything or leave anything running."""

import pytest

from tests.attacks.corpus import attacks


@pytest.mark.parametrize("attack", attacks("python"))
def test_the_attack_is_stopped(hand_in, attack):
    hand_in(attack, "health-endpoint")


@pytest.mark.parametrize("attack", attacks("service"))
def test_the_attack_of_a_service_is_stopped(hand_in, attack):
    hand_in(attack, "health-endpoint")
