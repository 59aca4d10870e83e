"""How fast the reference service is, beside other stacks in one run: `python benchmarks/serving.py`.

Each stack runs one worker pinned to one core; wrk runs on the other. The repeats are interleaved and
medians are printed, as ratios to the plain version that every tutorial shows. All stacks get the same
bodies of many customers and must say what the forest says, or the run stops. Linux, two cores, wrk.

    python3 -m venv .venv-peers && .venv-peers/bin/pip install -r benchmarks/requirements-peers.txt
    python benchmarks/serving.py --peers .venv-peers/bin/python
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from serving_model import make_models
from serving_stacks import STACKS, Stack, is_installed
from serving_wrk import Measured, measure

HERE = Path(__file__).resolve().parent
HEAD = (
    "| stack | x plain | requests/s | p50 ms | p99 ms | CPU µs | memory MB | first answer s |\n"
    "|---|---|---|---|---|---|---|---|"
)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, help="the Python that has the other stacks")
    parser.add_argument("--seconds", type=int, default=5, help="of load per run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", nargs="*", choices=[s.name for s in STACKS], help="these stacks")
    return parser.parse_args()


def median_row(stack: Stack, runs: list[Measured], base: float | None) -> str:
    """One row of the table."""

    def middle(name: str) -> float:
        return statistics.median(getattr(run, name) for run in runs)

    ratio = f"{middle('per_second') / base:.1f}" if base else "-"
    return (
        f"| {stack.title} | {ratio} | {middle('per_second'):,.0f} | {middle('p50_ms'):.2f} | "
        f"{middle('p99_ms'):.2f} | {middle('cpu_us'):.0f} | "
        f"{middle('memory_mb'):.0f} | {middle('first_answer_s'):.2f} |"
    )


def main() -> None:
    """Measure every stack that is installed and print the table."""
    asked = parse_arguments()
    if not hasattr(os, "sched_setaffinity") or os.cpu_count() < 2:
        raise SystemExit("The benchmark pins processes to cores: it needs Linux and two cores.")
    peers = (asked.peers or Path(sys.executable)).absolute()  # stacks start in folders of their own
    chosen = [
        s for s in STACKS if (not asked.only or s.name in asked.only) and is_installed(s, peers)
    ]
    runs: dict[str, list[Measured]] = {stack.name: [] for stack in chosen}
    with tempfile.TemporaryDirectory() as folder:
        models = make_models(Path(folder))
        for repeat in range(asked.repeats):
            for stack in chosen:
                print(f"repeat {repeat + 1} of {asked.repeats}: {stack.title}", file=sys.stderr)
                runs[stack.name].append(
                    measure(stack, models, peers, asked.seconds, asked.connections)
                )
    plain = runs.get("plain")
    base = statistics.median(run.per_second for run in plain) if plain else None
    print(HEAD)
    for stack in chosen:
        print(median_row(stack, runs[stack.name], base))
    left_out = [stack.title for stack in STACKS if stack not in chosen]
    if left_out:
        print(f"\nNot measured here: {'; '.join(left_out)}.")


if __name__ == "__main__":
    main()
