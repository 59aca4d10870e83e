"""How the service ends: when asked, at whatever moment, and never leaving its port behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from random import Random

import pytest

from .serving import PROJECT, environment_for, free_port, start_service

HEAD = b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")


@posix_only
@pytest.mark.parametrize("seed", range(5))
def test_a_service_asked_to_stop_while_it_starts_does_stop(model_dir, seed):
    command = [sys.executable, "-m", "churn_service", "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment_for(model_dir))
    time.sleep(Random(seed).uniform(0.3, 2.5))

    process.terminate()

    assert process.wait(20) in (0, 1, -signal.SIGTERM)


@posix_only
def test_an_upload_that_stalls_does_not_keep_the_service_from_stopping(model_dir, tmp_path):
    running = start_service(model_dir, tmp_path / "stderr.log")
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as stalled:
        stalled.sendall(HEAD + b"Content-Length: 200\r\n\r\n{")
        time.sleep(0.2)

        running.process.terminate()

        assert running.process.wait(20) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_service_leaves_its_port_to_the_next(model_dir, tmp_path):
    killed = start_service(model_dir, tmp_path / "stderr.log")
    killed.process.kill()
    killed.process.wait(10)

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_server(("127.0.0.1", killed.port)).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"port {killed.port} is still held twenty seconds after the kill")
