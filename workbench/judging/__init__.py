"""A check from tree to verdict: the run under pytest, the fixtures of a check, and the one result format."""
