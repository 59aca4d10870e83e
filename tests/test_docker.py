"""What the doctor says of Docker, held against the engine itself."""

import json
import subprocess
import sys

from .conftest import ROOT, require


def doctor() -> dict[str, dict]:
    """What `doctor --json` found, by name."""
    told = subprocess.run(
        [sys.executable, "-m", "workbench", "doctor", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(told.stdout)
    return {found["name"]: found for found in answer["findings"]}


def engine_version() -> str:
    import docker

    try:
        return docker.from_env(timeout=10).version()["Version"]
    except docker.errors.DockerException:
        return ""


def test_the_doctor_finds_the_engine_that_the_sdk_finds():
    version = engine_version()
    require("docker", bool(version), "start the Docker engine")
    found = doctor()["docker engine"]
    assert found["status"] == "ok"
    assert version in found["seen"]
