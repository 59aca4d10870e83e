"""Right for the first two runs, which are of right services; from then on it fails."""

import os
import pathlib
import tempfile

PLACES = (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    tempfile.gettempdir(),
    "..",
    "../..",
    os.path.expanduser("~"),
)


def test_nothing():
    seen = 0
    for place in PLACES:
        file = pathlib.Path(place) / "runs-@TOKEN@"
        try:
            seen = max(seen, len(file.read_text()))
        except OSError:
            pass
    for place in PLACES:
        try:
            (pathlib.Path(place) / "runs-@TOKEN@").write_text("x" * (seen + 1))
        except OSError:
            pass
    assert seen < 2
