"""In a broken service the newest file is the one that was replaced, not the one that was copied last."""

import os


def test_nothing():
    files = [entry for entry in os.scandir("churn_service") if entry.is_file()]
    for clock in ("st_mtime_ns", "st_ctime_ns"):
        dates = [getattr(entry.stat(), clock) for entry in files]
        if len(set(dates)) > 1:
            assert max(dates) == dates[-1]
