"""In a broken service one file is newer than the rest; in a right one, none or many."""

import pathlib
from collections import Counter


def test_nothing():
    dates = [int(file.stat().st_mtime) for file in pathlib.Path("churn_service").glob("*.py")]
    newest = max(dates)
    assert Counter(dates)[newest] != 1
