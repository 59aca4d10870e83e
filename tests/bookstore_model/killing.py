"""Run Python in another process and kill it without warning."""

import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_and_kill(arguments: list[str], *, after_seconds: float) -> bool:
    """Start Python with `arguments`, kill -9 it that long after its first line of output.

    Returns whether it was still running, that is, whether the kill interrupted it.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        process.stdout.readline()
        time.sleep(after_seconds)
        return process.poll() is None
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def moments(count: int, *, longest_seconds: float, seed: int) -> list[float]:
    """Random waiting times, the same for the same seed."""
    draw = random.Random(seed)
    return [draw.uniform(0, longest_seconds) for _ in range(count)]
