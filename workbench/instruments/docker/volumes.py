"""What is kept in a volume: whether the service's user can write there, and whether a log appears."""

from __future__ import annotations

from workbench.instruments.docker.containers import Container

WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2]); print('written')"
READ = "import sys; print(open(sys.argv[1]).read())"
APPEARS = """
import pathlib, sys, time
for _ in range(100):
    if any(file.is_file() and file.stat().st_size for file in pathlib.Path(sys.argv[1]).rglob("*")):
        print("kept")
        break
    time.sleep(0.1)
"""


def refused(container: Container, file: str, text: str = "") -> str:
    """Why the service's user cannot write a file in the container; empty when it can."""
    said = container.run(["python", "-c", WRITE, file, text]).strip()
    return "" if said == "written" else (said.splitlines() or ["nothing was said"])[-1]


def text_of(container: Container, file: str) -> str:
    return container.run(["python", "-c", READ, file]).strip()


def holds_something(container: Container, folder: str) -> bool:
    """Whether a file that is not empty appears in the folder within ten seconds."""
    return container.run(["python", "-c", APPEARS, folder]).strip() == "kept"
