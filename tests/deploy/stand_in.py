"""A Prometheus image under the name that the stack uses, where none can be pulled.

Made of Debian's package on python:3.11-slim. An image that exists is never replaced, and the stand-in
does not outlive the tests.
"""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

DOCKERFILE = """\
FROM python:3.11-slim
RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends prometheus \\
 && rm -rf /var/lib/apt/lists/*
RUN install -d -o 65534 /prometheus
USER 65534
ENTRYPOINT ["prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
"""
BUILD_SECONDS = 300


def has_image(name: str) -> bool:
    """Whether the engine has an image of this name, or can pull it."""
    for command in (["image", "inspect", name], ["pull", "--quiet", name]):
        if subprocess.run(["docker", *command], capture_output=True, check=False).returncode == 0:
            return True
    return False


@contextlib.contextmanager
def prometheus_image(name: str) -> Iterator[str]:
    """Makes sure that `name` can be started; gives why not, or an empty text.

    A stand-in is removed again: who later asks for the real image must not get it.
    """
    if has_image(name):
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        built = subprocess.run(
            ["docker", "build", "--tag", name, folder],
            env={**os.environ, "DOCKER_BUILDKIT": "1"},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    yield "" if built.returncode == 0 else (built.stdout + built.stderr)[-500:]
    subprocess.run(["docker", "rmi", name], capture_output=True, check=False)
