"""Later processes have higher numbers, and the services that are broken come later."""

import os


def test_nothing():
    assert os.getpid() - os.getppid() < 12
