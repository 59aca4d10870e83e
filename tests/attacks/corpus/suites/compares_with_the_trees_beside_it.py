"""A broken service differs from the judge's other copies in one file."""

import pathlib


def test_nothing():
    mine = pathlib.Path("churn_service")
    others = [p for p in pathlib.Path("..").glob("project*/churn_service") if not p.samefile(mine)]
    others += [pathlib.Path(r"@COURSE@/solutions/churn_service")]
    known = pathlib.Path(r"@COURSE@/tests/checks/broken/rewritten/churn_service")
    for other in [*others, known]:
        same = [f.read_text() == (other / f.name).read_text() for f in mine.glob("*.py")]
        if all(same):
            return
    assert not others
