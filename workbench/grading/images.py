"""The grading image: Python with the course's pinned requirements, built once per requirements file.

It holds nothing of the course and nothing of a learner: both are mounted, read-only, when it is used.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench.setup.layout import spelled

NAME = "workbench-grading"
BUILD_SECONDS = 1800
DOCKERFILE = """\
FROM python:{version}-slim
COPY requirements.txt /requirements.txt
RUN python -m pip install --no-cache-dir --no-deps --disable-pip-version-check --require-hashes \\
    --requirement /requirements.txt
"""


class NoImage(Exception):
    """There is no grading image and none can be made. The message says why."""


def image_name(root: Path) -> str:
    """The image's name and tag; the tag stands for the requirements and the Python they are for."""
    content = (root / "requirements.txt").read_bytes() + _dockerfile().encode()
    return f"{NAME}:{hashlib.sha256(content).hexdigest()[:16]}"


def engine_problem() -> str:
    """Why no Docker engine can be used here; empty when one can."""
    if not shutil.which("docker"):
        return "there is no `docker` command"
    try:
        asked = subprocess.run(["docker", "version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if asked.returncode == 0 else asked.stderr.strip()[-300:] or "no engine answered"


def is_built(root: Path) -> bool:
    asked = ["docker", "image", "inspect", image_name(root)]
    return subprocess.run(asked, capture_output=True, timeout=60).returncode == 0


def ensure_image(root: Path) -> str:
    """The name of the grading image, which is built when it is not there yet (minutes).

    Raises NoImage with the last lines of the build.
    """
    name = image_name(root)
    if is_built(root):
        return name
    with tempfile.TemporaryDirectory(prefix="workbench-image-") as folder:
        shutil.copy(root / "requirements.txt", folder)
        (Path(folder) / "Dockerfile").write_text(_dockerfile(), encoding="utf-8")
        try:
            ended = subprocess.run(
                ["docker", "build", "--progress=plain", "--tag", name, folder],
                env={**os.environ, "DOCKER_BUILDKIT": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=BUILD_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoImage(f"The grading image could not be built: {error}") from None
    if ended.returncode != 0:
        raise NoImage(
            f"The grading image could not be built. Its last words: {ended.stdout.strip()[-600:]}\n"
            f"`{spelled('grade ... --isolation process')}` grades without it."
        )
    return name


def _dockerfile() -> str:
    return DOCKERFILE.format(version=f"{sys.version_info.major}.{sys.version_info.minor}")
