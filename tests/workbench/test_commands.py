"""The judge's commands and its recording service: bounded, scrubbed, and they note what came."""

import http.client
import json
import os
import sys
import time

import pytest

from workbench.instruments.http.recorder import RecordingService, Scripted
from workbench.sandbox.commands import run_python


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def run_code(project, code: str, deadline_seconds: float = 30):
    """Runs `code` as `python -m timeit`, the shortest module that runs what it is given."""
    return run_python(
        project, "-m", "timeit", "-n1", "-r1", code, deadline_seconds=deadline_seconds
    )


def test_a_command_runs_in_the_project_without_our_environment(project, monkeypatch):
    monkeypatch.setenv("WORKBENCH_SEED", "4711")
    code = "import os; print(os.getcwd(), 'WORKBENCH_SEED' in os.environ)"
    finished = run_code(project, code)

    assert finished.status == 0
    assert f"{project} False" in finished.output


def test_a_command_that_fails_tells_its_status_and_what_it_wrote(project):
    finished = run_code(project, "print('so far'); 1 / 0")

    assert finished.status == 1
    assert "so far" in finished.output and "ZeroDivisionError" in finished.output


@pytest.mark.skipif(os.name != "posix", reason="asks for a process by its id")
def test_a_command_past_its_deadline_ends_with_all_it_started(project):
    sleeper = f"[{sys.executable!r}, '-c', 'import time; time.sleep(60)']"
    code = f"import subprocess; p = subprocess.Popen({sleeper}); print('pid', p.pid, flush=True); p.wait()"
    finished = run_code(project, code, deadline_seconds=3)

    assert finished.status is None
    pid = int(finished.output.split("pid ")[1].split()[0])
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_recording_service_notes_what_came_and_says_what_it_was_told():
    def answer(request):
        return Scripted(418, {"you": request.json()}, kind="teapot")

    with RecordingService(answer) as service:
        connection = http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=10)
        replies = []
        for number in range(2):
            connection.request("POST", "/tea?sugar=1", json.dumps(number), {"X-Name": "value"})
            reply = connection.getresponse()
            replies.append((reply.status, json.loads(reply.read())))
        connection.close()

    first, second = service.received
    assert replies == [(418, {"you": 0}), (418, {"you": 1})]
    assert (first.method, first.path, first.headers["x-name"]) == ("POST", "/tea?sugar=1", "value")
    assert first.connection == second.connection
    assert first.arrived_at <= first.answered_at <= second.arrived_at
    assert first.answer.kind == "teapot"
