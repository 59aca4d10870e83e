"""Put a running churn service under load, and say whether it kept its objectives.

  python -m load_tests spike --host http://127.0.0.1:5000

shapes:
  steady         as many users all the time
  spike          a fifth of the users, all of them, a fifth again
  soak           steady for half an hour; compares the first quarter with the last
  ramp-to-break  more users step by step, until two steps in a row miss an objective

Exit status: 0 the objectives held, 1 one was missed, 2 nothing could be measured.
The record (JSON) and the plot (PNG) are written to the folder of --out.

A closed loop (the default) has users that wait for their answer and then think. --arrivals RATE is an
open loop: requests are due on a timetable, and latency counts from the moment a request was due.

several processes:  --processes 2
several machines:   --master --expect-workers 2, and on each worker
                    python -m load_tests --worker --master-host ADDRESS
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path

from load_tests.objectives import Objectives
from load_tests.record import make_record
from load_tests.shapes import DEFAULT_SECONDS, DEFAULT_USERS, SHAPES, plan_stages
from load_tests.summary import told

LAB = Path(__file__).resolve().parent / "lab.py"
STOP_SECONDS = 10  # for requests under way at the end
PATIENCE_SECONDS = 120  # for workers to come, and for the last reports


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return what was asked for; exits with status 2 and a sentence when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m load_tests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shape", nargs="?", choices=SHAPES)
    parser.add_argument("--host", default="http://127.0.0.1:5000", help="default: %(default)s")
    parser.add_argument("--users", type=int, help="at the peak")
    parser.add_argument("--seconds", type=float, help="how long the run lasts")
    parser.add_argument("--step-seconds", type=float, default=10, help="of a ramp's step")
    parser.add_argument(
        "--think",
        type=float,
        nargs=2,
        default=(0.05, 0.5),
        metavar=("LEAST", "MOST"),
        help="seconds between an answer and the next question; default: 0.05 0.5",
    )
    parser.add_argument("--arrivals", type=float, metavar="RATE", help="requests due per second")
    parser.add_argument("--seed", default="1", help="chooses the customers; default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("data/load"), help="default: %(default)s")
    limits = parser.add_argument_group("objectives")
    for name, unit in (("p50", "ms"), ("p95", "ms"), ("p99", "ms")):
        default = getattr(Objectives, f"{name}_ms")
        limits.add_argument(f"--{name}", type=float, default=default, metavar=unit.upper())
    limits.add_argument("--error-rate", type=float, default=Objectives.error_rate, metavar="SHARE")
    limits.add_argument("--throughput", type=float, metavar="RATE", help="at least, per second")
    limits.description = "Defaults: " + ", ".join(
        f"{f.name} {f.default:g}" for f in fields(Objectives) if f.default is not None
    )
    where = parser.add_argument_group("where the users run")
    where.add_argument("--web", action="store_true", help="Locust's web UI instead of headless")
    where.add_argument("--web-port", type=int, default=8089, help="default: %(default)s")
    where.add_argument("--processes", type=int, help="on this machine (not on Windows)")
    where.add_argument("--master", action="store_true", help="lead workers on other machines")
    where.add_argument("--expect-workers", type=int, default=1, help="to wait for before the start")
    where.add_argument("--worker", action="store_true", help="run users for a master")
    where.add_argument("--master-host", default="127.0.0.1", help="default: %(default)s")
    where.add_argument("--master-port", type=int, default=5557, help="default: %(default)s")
    asked = parser.parse_args(arguments)
    if not asked.worker:
        complete(parser, asked)
    return asked


def complete(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> None:
    """Fill in what depends on the shape, and refuse what cannot be run."""
    if asked.shape is None:
        parser.error("which shape? " + ", ".join(SHAPES))
    if asked.arrivals is not None and (
        asked.shape not in ("steady", "soak") or asked.arrivals <= 0
    ):
        parser.error("--arrivals is a number above 0, for steady and soak")
    if not 0 <= asked.think[0] <= asked.think[1]:
        parser.error("--think takes two numbers from 0, the smaller one first")
    asked.users = asked.users or DEFAULT_USERS[asked.shape]
    asked.seconds = asked.seconds or DEFAULT_SECONDS[asked.shape]
    try:
        asked.stages = plan_stages(asked.shape, asked.users, asked.seconds, asked.step_seconds)
    except ValueError as error:
        parser.error(f"{error}.")


def settings_of(asked: argparse.Namespace) -> dict:
    """Return what a record says of the run before it began; workers get it from the master."""
    objectives = Objectives(asked.p50, asked.p95, asked.p99, asked.error_rate, asked.throughput)
    return {
        "shape": asked.shape,
        "users": asked.users,
        "run_seconds": asked.seconds,
        "think_seconds": list(asked.think),
        "arrivals_per_second": asked.arrivals,
        "stages": [[stage.start, stage.end, stage.users] for stage in asked.stages],
        "seed": asked.seed,
        "host": asked.host,
        "objectives": asdict(objectives),
        "processes": asked.processes or (asked.expect_workers if asked.master else 1),
    }


def locust_command(asked: argparse.Namespace, raw: Path | None) -> list[str]:
    """Return Locust's command line."""
    command = [sys.executable, "-m", "locust", "-f", str(LAB), "--loglevel", "WARNING"]
    command += ["--stop-timeout", str(STOP_SECONDS)]
    if asked.worker:
        command += ["--worker", "--master-host", asked.master_host]
        return [*command, "--master-port", str(asked.master_port)]
    command += [
        "--host",
        asked.host,
        "--lab",
        json.dumps(settings_of(asked)),
        "--lab-raw",
        str(raw),
    ]
    command += ["--only-summary", "--exit-code-on-error", "0"]
    command += [
        "--json-file",
        str(raw.with_name("locust")),
    ]  # in place of its table in the terminal
    if asked.master:
        command += ["--master", "--master-bind-port", str(asked.master_port)]
        command += ["--expect-workers", str(asked.expect_workers)]
        command += ["--expect-workers-max-wait", str(PATIENCE_SECONDS)]
    if asked.processes:
        command += ["--processes", str(asked.processes), "--master-port", str(asked.master_port)]
        command += ["--master-bind-port", str(asked.master_port)]
    if asked.web:
        return [*command, "--web-port", str(asked.web_port)]
    return [*command, "--headless"]


def run_locust(asked: argparse.Namespace, raw: Path | None) -> int:
    """Run Locust to its end and return its exit status. A headless run has a deadline."""
    bounded = not (asked.web or asked.worker)
    deadline = asked.seconds + STOP_SECONDS + PATIENCE_SECONDS + 30 if bounded else None
    if asked.web:
        print(
            f"Open http://127.0.0.1:{asked.web_port} and start the run. Ctrl-C ends it.", flush=True
        )
    process = subprocess.Popen(
        locust_command(asked, raw),
        stdout=subprocess.DEVNULL if bounded else None,
        env=os.environ | {"LOAD_SEED": asked.seed},
    )
    while True:
        try:
            return process.wait(deadline)
        except subprocess.TimeoutExpired:
            process.terminate()
            deadline = STOP_SECONDS
        except KeyboardInterrupt:  # Locust got it too, and ends its users first
            deadline = 2 * STOP_SECONDS


def main(arguments: list[str]) -> int:
    """Run a shape, write record and plot, print the verdict; return the exit status."""
    asked = parse_arguments(arguments)
    if asked.worker:
        return run_locust(asked, None)
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        raw = Path(folder) / "raw.json"
        status = run_locust(asked, raw)
        if not raw.exists():
            print(f"Locust ended with status {status} and left no measurements.", file=sys.stderr)
            return 2
        record = make_record(settings_of(asked), json.loads(raw.read_text(encoding="utf-8")))
    asked.out.mkdir(parents=True, exist_ok=True)
    stem = f"{asked.shape}-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}"
    file = asked.out / f"{stem}.json"
    file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    from load_tests.plot import draw_run

    draw_run(record, file.with_suffix(".png"))
    print(told(record))
    print(f"record: {file}\nplot:   {file.with_suffix('.png')}")
    if not record["measured"]["requests"]:
        return 2
    return 0 if record["verdict"]["held"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
