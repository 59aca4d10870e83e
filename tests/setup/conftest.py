"""A small course in a folder of its own: real set-up code, a real offline index, quick content."""

import os
import shutil
import socket
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable

# The handover in small: slow enough to be killed in, idempotent, and atomic as the real one is.
HANDOVER = """
import pathlib, sys, time
assert sys.argv[1:] == ["prepare"], sys.argv
with open("handover-runs.txt", "a") as runs:
    runs.write("run\\n")
data = pathlib.Path("data")
data.mkdir(exist_ok=True)
if not (data / "orders.txt").exists():
    print("making the orders", flush=True)
    time.sleep(1)
    (data / "draft").write_text("orders")
    (data / "draft").replace(data / "orders.txt")
"""

RELEASE = """
import pathlib, sys
for flag, folder in zip(sys.argv, sys.argv[1:]):
    if flag == "--out":
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        pathlib.Path(folder, "model.onnx").write_text("a model")
"""


def write_wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> Path:
    """Write a pure wheel of ``files`` (path in the wheel -> content); return its path."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    rows = [f"{path},," for path in [*files, f"{info}/RECORD"]]
    files[f"{info}/RECORD"] = "\n".join(rows).encode()
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            archive.writestr(member, content)
    return wheel


def _write_uv_wheel(folder: Path) -> None:
    """Pack the uv that is installed here again, so that the set-up can install it offline."""
    uv = metadata.distribution("uv")
    files = {}
    for file in uv.files:
        path = Path(uv.locate_file(file))
        if ".dist-info" in file.parts[0] or path.suffix == ".pyc":
            continue
        inside = f"uv-{uv.version}.data/scripts/{path.name}" if ".." in file.parts else str(file)
        files[inside] = path.read_bytes()
    write_wheel(folder, "uv", uv.version, files)


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory) -> Path:
    """A folder of wheels: uv itself, and two small packages."""
    folder = tmp_path_factory.mktemp("wheels")
    _write_uv_wheel(folder)
    write_wheel(folder, "pagecount", "1.0", {"pagecount.py": b"PAGES = 312\n"})
    write_wheel(folder, "bookmark", "2.0", {"bookmark.py": b"AT = 41\n"})
    return folder


class Course:
    """A small course at ``root``, and its command line run as a learner runs it."""

    def __init__(self, root: Path, wheelhouse: Path):
        self.root, self.wheelhouse = root, wheelhouse

    def environment(self, **extra: str) -> dict[str, str]:
        unwanted = ("PIP_", "UV_", "PYTHON", "PYTEST_", "COV_", "WORKBENCH_", "VIRTUAL_ENV")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
        offline = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheelhouse.as_uri(),
            "PYTHONUTF8": "1",
        }
        return {**kept, **offline, **extra}

    def begin(self, *argv: str, **extra: str) -> subprocess.Popen:
        return subprocess.Popen(
            [BASE_PYTHON, "-m", "workbench", *argv],
            cwd=self.root,
            env=self.environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *argv: str, **extra: str) -> subprocess.CompletedProcess:
        process = self.begin(*argv, **extra)
        output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(argv, process.returncode, output, errors)

    @property
    def python(self) -> Path:
        return self.root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def handover_runs(self) -> int:
        record = self.root / "handover-runs.txt"
        return len(record.read_text().splitlines()) if record.exists() else 0


def make_course(root: Path, wheelhouse: Path) -> Course:
    (root / "workbench").mkdir(parents=True)
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / "workbench" / name, root / "workbench")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("setup", "sandbox"):  # doctor asks the sandbox which protections hold
        shutil.copytree(ROOT / "workbench" / name, root / "workbench" / name, ignore=ignore)
    (root / "bookstore_model").mkdir()
    (root / "bookstore_model/__main__.py").write_text(HANDOVER)
    (root / "solutions/pipeline").mkdir(parents=True)
    (root / "solutions/pipeline/release.py").write_text(RELEASE)
    (root / "notebooks").mkdir()
    (root / "exercises").mkdir()
    (root / "exercises/risk.py").write_text("the learner's own work\n")
    (root / "requirements.txt").write_text("pagecount==1.0\n")
    (root / "requirements-test.txt").write_text("pagecount==1.0\nbookmark==2.0\n")
    return Course(root, wheelhouse)


@pytest.fixture
def new_course(tmp_path, wheelhouse) -> Course:
    """A fresh clone; its path has spaces and letters outside ASCII, as some learners' have."""
    return make_course(tmp_path / "Mój kurs – données", wheelhouse)


@pytest.fixture(scope="session")
def ready_course(tmp_path_factory, wheelhouse) -> Course:
    """A course after ``start --prepare``; tests that use it must leave it as they found it."""
    course = make_course(tmp_path_factory.mktemp("ready") / "Mój kurs – données", wheelhouse)
    prepared = course.run("start", "--prepare")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    return course


@pytest.fixture
def taken_port():
    """A port of this machine that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
