"""``.venv``: made once, and made again when it was left half made or no longer runs."""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.setup.layout import Layout
from workbench.setup.problems import SetupError, explain
from workbench.setup.process import clean_environment, last_line, run_watched
from workbench.setup.progress import Steps

GIB = 1 << 30
NEEDED_BYTES = 2.5 * GIB  # .venv 1.2 GB, the download cache as much again


@dataclass(frozen=True)
class Run:
    """What every step of one set-up shares."""

    layout: Layout
    progress: Steps
    lock: int

    def execute(self, command: list[str], log_name: str, env=None, detail=last_line, folder=None):
        """Run a tool in `folder` (default: the course's); return its exit status, its output, and
        its log as messages name it."""
        log = self.layout.logs / f"{log_name}.log"
        status, output = run_watched(
            command,
            cwd=folder or self.layout.root,
            env=env or clean_environment(),
            log=log,
            progress=self.progress,
            detail=detail,
            keep_open=self.lock,
        )
        return status, output, self.layout.shown(log)


def venv_version(layout: Layout) -> str | None:
    """The version of the environment's Python, or None when it does not run or has no pip."""
    ask = "import sys, pip; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        answer = subprocess.run(
            [layout.python, "-I", "-c", ask], capture_output=True, text=True, timeout=60
        )
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _usable(version: str | None) -> bool:
    return version is not None and (3, 11) <= tuple(map(int, version.split(".")[:2])) <= (3, 13)


def require_space(folder: Path, needed_bytes: float = NEEDED_BYTES) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise SetupError(
            f"The disk has {free / GIB:.1f} GB free and the set-up needs "
            f"{needed_bytes / GIB:.1f} GB: free some space, then run the same command again."
        )


def _require_venv_module() -> None:
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetupError(
            "This Python cannot make environments, because its venv or ensurepip module is "
            f"missing: on Debian or Ubuntu run `sudo apt install python{version}-venv`, elsewhere "
            "install Python from python.org."
        )


def make_environment(run: Run) -> None:
    """Make ``.venv``, or keep it when it is whole, with any supported Python."""
    layout = run.layout
    run.progress.begin("Python environment")
    if not layout.unfinished.exists() and _usable(venv_version(layout)):
        _see_course_folder(layout)  # an environment the learner made lacks it
        return run.progress.say("ready")
    _require_venv_module()
    require_space(layout.root)
    run.progress.announce()
    layout.unfinished.write_text("making .venv\n", encoding="utf-8")
    if layout.venv.exists():
        run.progress.say(".venv is half made or broken; making it again")
        shutil.rmtree(layout.venv)
    # Not sys.executable: that may be the very .venv that was just removed.
    base = getattr(sys, "_base_executable", None) or sys.executable
    status, output, log = run.execute([base, "-m", "venv", str(layout.venv)], "environment")
    if status:
        raise explain("Python environment", output, log)
    _see_course_folder(layout)
    layout.unfinished.unlink()
    return run.progress.done()


def _see_course_folder(layout: Layout) -> None:
    """Let notebooks, in whatever folder, import the course; relative, so that it can be moved."""
    file = layout.site_packages / "bookstore-workbench.pth"
    if not file.exists():
        line = os.path.relpath(layout.root, layout.site_packages)
        file.write_text(line + "\n", encoding="utf-8")
