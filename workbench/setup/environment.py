"""``.venv``: made once, repaired when it was left half made, filled with the pinned packages."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.setup import installers
from workbench.setup.layout import Layout
from workbench.setup.problems import SetupError, explain, recognise
from workbench.setup.process import clean_environment, last_line, run_watched
from workbench.setup.progress import Progress, bar
from workbench.setup.stamps import content_hash, read_stamp, write_stamp

GIB = 1 << 30
NEEDED_BYTES = 2.5 * GIB  # .venv 1.2 GB, the download cache as much again


@dataclass(frozen=True)
class Run:
    """What every step of one set-up shares."""

    layout: Layout
    progress: Progress
    lock: int

    def execute(self, command: list[str], log_name: str, env=None, detail=last_line):
        """Run a tool; return its exit status, its output, and its log as messages name it."""
        log = self.layout.logs / f"{log_name}.log"
        status, output = run_watched(
            command, cwd=self.layout.root, env=env or clean_environment(), log=log,
            progress=self.progress, detail=detail, keep_open=self.lock,
        )  # fmt: skip
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


def _installed(layout: Layout) -> set[str]:
    folder = layout.site_packages
    return {path.name for path in folder.glob("*.dist-info")} if folder else set()


def packages_facts(layout: Layout, requirements: str) -> dict:
    """What the stamp of an installed requirements file must say for it to count."""
    folder = layout.site_packages
    return {
        "requirements": content_hash([layout.root / requirements]),
        "python": folder.parent.name if folder else "",
    }


def packages_ready(layout: Layout, requirements: str) -> bool:
    """Whether exactly this file was installed, and all it brought is still there."""
    if layout.unfinished.exists():
        return False
    stamp = read_stamp(layout.packages_stamp(requirements)) or {}
    facts = packages_facts(layout, requirements)
    return {name: stamp.get(name) for name in facts} == facts and set(
        stamp.get("installed", ["never"])
    ) <= _installed(layout)


def install_packages(run: Run, requirements: str, name: str) -> None:
    """Install a pinned requirements file into ``.venv``."""
    layout = run.layout
    run.progress.begin(name)
    if packages_ready(layout, requirements):
        return run.progress.say("ready")
    require_space(layout.root)
    run.progress.announce()
    settings = installers.pip_settings(layout.python)
    # A kill in the middle leaves packages that look installed and are not: after one, the next
    # start sees this file and makes .venv again. The download cache makes that quick.
    layout.unfinished.write_text(f"installing {requirements}\n", encoding="utf-8")
    before = _installed(layout)
    try:
        if not (_has_uv(run) and _install(run, "uv", requirements, name, settings)):
            _install(run, "pip", requirements, name, settings)
    except SetupError:
        if _installed(layout) == before:  # it failed before it changed anything
            layout.unfinished.unlink()
        raise
    facts = packages_facts(layout, requirements)
    stamp = layout.packages_stamp(requirements)
    write_stamp(stamp, {**facts, "installed": sorted(_installed(layout))})
    layout.unfinished.unlink()
    return run.progress.done()


def _has_uv(run: Run) -> bool:
    """Get uv into ``.venv``; False when it is not on offer, which only costs speed."""
    python = run.layout.python
    if any(path.startswith("uv-") for path in _installed(run.layout)):
        return True
    command = installers.pip_command(python, installers.UV)
    status, output, log = run.execute(command, "uv", installers.pip_environment())
    if status and recognise(output) in ("network", "certificate", "disk"):
        raise explain("Getting uv, the installer", output, log)
    if status:
        run.progress.say("uv cannot be had here; using pip, which takes a minute or two longer")
    return status == 0


def _install(run: Run, tool: str, requirements: str, name: str, settings: dict) -> bool:
    """Install with ``tool``; False when uv failed in a way that pip might not."""
    python, file = run.layout.python, run.layout.root / requirements
    if tool == "uv":
        command = installers.uv_command(python, file, settings)
        env = installers.uv_environment(settings)
    else:
        command, env = installers.pip_command(python, "-r", str(file)), installers.pip_environment()
    before, expected = len(_installed(run.layout)), len(installers.pinned_names(file))

    def detail(output: str) -> str:
        total = re.search(r"Resolved (\d+) packages", output)
        done = len(_installed(run.layout)) - before
        wanted = max(int(total[1]) if total else expected, done, 1)
        return f"{bar(done, wanted)} packages" if done > 0 else last_line(output)

    status, output, log = run.execute(command, f"packages-{tool}", env, detail)
    if status == 0:
        return True
    if tool == "uv" and recognise(output) not in ("network", "certificate", "disk", "hash"):
        run.progress.say("uv could not install the packages; trying pip")
        return False
    raise explain(name, output, log)
