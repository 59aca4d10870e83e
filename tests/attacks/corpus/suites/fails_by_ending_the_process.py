"""Ends the process on all services: that counts as noticed where it was broken, not where it was right."""

import os


def test_nothing():
    os._exit(1)
