"""Where things are in a clone of the course."""

import os
from dataclasses import dataclass
from pathlib import Path

FIRST_LESSON = "notebooks/00_welcome.ipynb"


@dataclass(frozen=True)
class Layout:
    """The paths that set-up reads and writes, all below ``root`` (absolute)."""

    root: Path

    @classmethod
    def at(cls, root: str | Path) -> "Layout":
        return cls(Path(root).resolve())

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter of the course's environment; it may not exist yet."""
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def site_packages(self) -> Path | None:
        """The environment's packages folder, or None before it is made."""
        folders = [*self.venv.glob("lib/python3*/site-packages"), self.venv / "Lib/site-packages"]
        return next((folder for folder in folders if folder.is_dir()), None)

    @property
    def state(self) -> Path:
        return self.root / ".workbench"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def lock(self) -> Path:
        return self.state / "setup.lock"

    @property
    def unfinished(self) -> Path:
        """Exists while ``.venv`` is being changed; one left behind means ``.venv`` is half made."""
        return self.state / "environment-unfinished"

    @property
    def orders_stamp(self) -> Path:
        return self.state / "orders-done.json"

    @property
    def release_stamp(self) -> Path:
        return self.state / "model-to-ship-done.json"

    def packages_stamp(self, requirements: str) -> Path:
        """The stamp of an installed requirements file; it goes when ``.venv`` goes."""
        return self.venv / f"workbench-{Path(requirements).stem}-done.json"

    def shown(self, path: Path) -> str:
        """``path`` as messages name it: relative to the clone, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def spelled(command: str) -> str:
    """``command`` as the reader types it on this platform."""
    return f"{'py' if os.name == 'nt' else 'python3'} -m workbench {command}"
