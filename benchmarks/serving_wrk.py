"""Starts a stack on one core, has wrk load it from the other, and reads what came of it."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serving_model import Models
from serving_stacks import KEY, PORT, Stack

START_SECONDS = 60
TOLERANCE = 1e-6  # float32 against float64
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
HEADERS = {"Content-Type": "application/json", "Host": "127.0.0.1"}


@dataclass(frozen=True)
class Measured:
    """One run. `memory_mb` is the proportional share (PSS) of all the stack's processes.

    `cpu_us` is the time of the core that one request took in them: it holds on a busy machine too.
    """

    cpu_us: float
    per_second: float
    p50_ms: float
    p99_ms: float
    memory_mb: float
    first_answer_s: float


def measure(stack: Stack, models: Models, peers: Path, seconds: int, connections: int) -> Measured:
    """Start the stack, check its answers, load it, stop it. Raises SystemExit for a wrong answer."""
    with running(stack, models, peers) as (process, started):
        first_answer_s = wait_for_answer(stack, models, process, started)
        check_answers(stack, models)
        load(stack, models, 1, connections)  # warm
        used = cpu_us_of(process.pid)
        requests, *told = load(stack, models, seconds, connections)
        used = cpu_us_of(process.pid) - used
        return Measured(used / requests, *told, memory_of(process.pid), first_answer_s)


@contextlib.contextmanager
def running(stack: Stack, models: Models, peers: Path) -> Iterator[tuple[subprocess.Popen, float]]:
    env = os.environ | {
        "BENCHMARK_FOREST": str(models.joblib_file),
        "BENCHMARK_ONNX": str(models.onnx_file),
        "CHURN_MODEL_DIR": str(models.artefact),
        "CHURN_PSEUDONYM_KEY": KEY,
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        "PATH": f"{peers.absolute().parent}{os.pathsep}{os.environ['PATH']}",
        **stack.env,
    }
    if env.get("CHURN_PREDICTION_LOG") == "predictions":
        env["CHURN_PREDICTION_LOG"] = str(models.folder / "predictions.sqlite3")
    command = stack.command(peers, models)
    with (models.folder / f"{stack.name}.log").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["taskset", "-c", "0", *command], cwd=stack.folder, env=env,
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            yield process, started
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def ask(stack: Stack, models: Models, number: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    try:
        connection.request("POST", stack.path, stack.body(models, number), HEADERS)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def wait_for_answer(stack, models, process: subprocess.Popen, started: float) -> float:
    """Seconds from the start of the process to its first 200."""
    while time.perf_counter() - started < START_SECONDS and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(stack, models, 0)[0] == 200:
                return time.perf_counter() - started
        time.sleep(0.005)
    said = (models.folder / f"{stack.name}.log").read_text(errors="replace")[-2000:]
    raise SystemExit(f"{stack.title} did not start: {said}")


def check_answers(stack: Stack, models: Models) -> None:
    """Every body must get the forest's probability, or none at all where nothing is predicted."""
    for number, expected in enumerate(models.probabilities):
        status, body = ask(stack, models, number)
        got = (
            stack.probability(json.loads(body)) if stack.probability and status == 200 else expected
        )
        if status != 200 or abs(got - expected) > TOLERANCE:
            raise SystemExit(f"{stack.title} said {status} {body[:200]!r}, not {expected}.")


def load(
    stack: Stack, models: Models, seconds: int, connections: int
) -> tuple[int, float, float, float]:
    """Requests, requests per second, latencies at 50 % and 99 %, in ms. Errors end the benchmark."""
    script = models.folder / f"{stack.name}.lua"
    bodies = ", ".join(f"[==[{stack.body(models, n)}]==]" for n in range(len(models.rows)))
    script.write_text(
        f"local bodies = {{{bodies}}}\nlocal turn = 0\nwrk.method = 'POST'\n"
        "wrk.headers['Content-Type'] = 'application/json'\nwrk.headers['Host'] = '127.0.0.1'\n"
        "function request()\n  turn = turn % #bodies + 1\n"
        "  return wrk.format(nil, nil, nil, bodies[turn])\nend\n",
        encoding="utf-8",
    )
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script), f"http://127.0.0.1:{PORT}{stack.path}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if wrong := re.search(r"Non-2xx.*|Socket errors.*[1-9].*", told):
        raise SystemExit(f"{stack.title}: {wrong[0]}")
    per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
    percentiles = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+[a-z]+)", told, re.MULTILINE))
    requests = int(re.search(r"(\d+) requests in", told)[1])
    return requests, per_second, in_ms(percentiles["50"]), in_ms(percentiles["99"])


def in_ms(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()
    return float(number) * UNITS[unit]


def processes_of(pid: int) -> Iterator[Path]:
    """The folders in /proc of a process and its descendants."""
    waiting = [pid]
    while waiting:
        one = Path("/proc") / str(waiting.pop())
        with contextlib.suppress(OSError):
            for task in (one / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
            yield one


def memory_of(pid: int) -> float:
    """The proportional share of a process and its descendants, in MB of 2**20 bytes."""
    texts = [(one / "smaps_rollup").read_text() for one in processes_of(pid)]
    return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in texts) / 1024


def cpu_us_of(pid: int) -> float:
    """The time that the threads of a process and its descendants have had on a core."""
    tasks = [task for one in processes_of(pid) for task in (one / "task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000
