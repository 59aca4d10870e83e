"""The port a host chooses: PORT, unless --port says otherwise."""

import subprocess
import sys
import time

import pytest
import requests

from .serving import PROJECT, environment_for, free_port


def answers(port: int, process: subprocess.Popen) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return requests.get(f"http://127.0.0.1:{port}/health", timeout=2).ok
        except requests.ConnectionError:
            time.sleep(0.05)
    return False


@pytest.mark.parametrize("is_overruled", [False, True])
def test_the_service_listens_on_port_unless_told_otherwise(model_dir, is_overruled):
    chosen, other = free_port(), free_port()
    command = [sys.executable, "-m", "churn_service"]
    command += ["--port", str(chosen)] if is_overruled else []
    environment = environment_for(model_dir) | {"PORT": str(other if is_overruled else chosen)}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL)
    try:
        assert answers(chosen, process)
    finally:
        process.terminate()
        process.wait(20)


def test_a_port_that_is_no_number_is_refused_in_one_sentence(model_dir):
    command = [sys.executable, "-m", "churn_service"]
    environment = environment_for(model_dir) | {"PORT": "http"}
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, timeout=60)
    assert ended.returncode == 2
    assert b"--port" in ended.stderr and b"Traceback" not in ended.stderr
