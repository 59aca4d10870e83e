"""Runs a Prometheus for the lessons: the binary when it is installed, else a container."""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from workbench.course.problems import UserError
from workbench.learning.service import _free_port

IMAGE = "prom/prometheus"
PULLED = f"{IMAGE}:v3.5.0"  # the one of the compose stack
START_SECONDS = 30


class RunningPrometheus:
    """A Prometheus at `url` that scrapes the targets (`host:port`) as the job "churn".

    `every` is how often it scrapes and evaluates, such as "1s"; `rules` the text of a rule file.
    Raises UserError, which says what to install, when there is neither binary nor container.
    """

    def __init__(self, targets: list[str], *, every: str = "1s", rules: str = ""):
        self._stack = contextlib.ExitStack()
        self.folder = Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-prometheus-"))
        )
        self.folder.chmod(0o755)  # a container's user reads it too
        config = {
            "global": {
                "scrape_interval": every,
                "evaluation_interval": every,
                "scrape_timeout": every,
            },
            "rule_files": ["rules.yml"] if rules else [],
            "scrape_configs": [{"job_name": "churn", "static_configs": [{"targets": targets}]}],
        }
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML too
        (self.folder / "rules.yml").write_text(rules, encoding="utf-8")
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            self._start()
            self._wait_until_ready()
        except BaseException:
            self._stack.close()
            raise
        atexit.register(self.stop)

    def query(self, expression: str, **parameters: object) -> list[dict]:
        """The series that the expression has now: `metric` (labels) and `value` (time, text)."""
        return self._get("query", query=expression, **parameters)["result"]

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[dict]:
        """The series between two moments (seconds since 1970): `metric`, and `values` of pairs."""
        span = {"start": start, "end": end, "step": step}
        return self._get("query_range", query=expression, **span)["result"]

    def stop(self) -> None:
        """Stops it and removes its data. Stopping twice does no harm."""
        atexit.unregister(self.stop)
        self._stack.close()

    def __enter__(self) -> RunningPrometheus:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _get(self, name: str, **parameters: object) -> dict:
        asked = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}/api/v1/{name}?{asked}", timeout=30) as reply:
            return json.load(reply)["data"]

    def _start(self) -> None:
        listen = f"--web.listen-address=127.0.0.1:{self.port}"
        if binary := shutil.which("prometheus"):
            config = f"--config.file={self.folder / 'prometheus.yml'}"
            data = f"--storage.tsdb.path={self.folder / 'data'}"
            log = self._stack.enter_context((self.folder / "log").open("wb"))
            process = subprocess.Popen([binary, config, data, listen], stdout=log, stderr=log)
            self._stack.callback(_end, process)
            return
        image = _local_image()
        if image is None:
            raise UserError(
                "Prometheus is not installed here. Debian and Ubuntu: `sudo apt-get install "
                f"prometheus`; macOS: `brew install prometheus`; with Docker: `docker pull {PULLED}`."
            )
        name = f"workbench-prometheus-{self.port}"
        mount = ["-v", f"{self.folder}:/etc/prometheus:ro", "--network", "host"]
        command = ["docker", "run", "--rm", "-d", "--name", name, *mount, image]
        options = [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            listen,
        ]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
        stop = ["docker", "rm", "-f", name]
        self._stack.callback(subprocess.run, stop, stdout=subprocess.DEVNULL, check=False)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/-/ready", timeout=2).close()
                return
            time.sleep(0.1)
        log = self.folder / "log"
        log_text = log.read_text(errors="replace")[-600:] if log.exists() else ""
        raise UserError(f"Prometheus did not start within {START_SECONDS} seconds. {log_text}")


def _local_image() -> str | None:
    """An image of Prometheus that Docker has already, whatever its tag."""
    if not shutil.which("docker"):
        return None
    asked = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", IMAGE]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return next(iter(answer.stdout.split()), None)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
