"""JupyterLab as ``start`` runs it: guarded by its token, stopped by one Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from workbench.setup.jupyter import jupyter_command, settle_preferences
from workbench.setup.layout import FIRST_LESSON, Layout
from workbench.setup.ports import first_free
from workbench.setup.process import clean_environment


@pytest.fixture
def server(tmp_path):
    """JupyterLab of this environment, on an empty course; yields the process and its address."""
    layout = Layout.at(tmp_path)
    settle_preferences(layout)
    port = first_free(18888)
    command = [sys.executable, *jupyter_command(layout, port, browser=False)[1:]]
    log = tmp_path / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    address, deadline = None, time.monotonic() + 60
    while address is None and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
        address = re.search(r"http://127\S+token=\w+", log.read_text(errors="replace"))
    assert address, log.read_text(errors="replace")
    yield process, address[0]
    process.kill()
    process.wait()


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.skipif(os.name != "posix", reason="sends the signal a terminal sends on POSIX")
def test_it_opens_the_first_lesson_keeps_its_token_and_stops_at_one_ctrl_c(server):
    process, address = server
    assert f"/lab/tree/{FIRST_LESSON}?token=" in address
    base, _, token = address.partition("/lab/tree/")[0], "", address.partition("token=")[2]
    assert status_of(f"{base}/api/contents?token={token}") == 200
    assert status_of(f"{base}/api/contents") == 403
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
