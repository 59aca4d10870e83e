"""What a row costs in a batch, beside one at a time: `python benchmarks/batches.py`.

All rows are scored by the forest of `benchmarks/serving.py` (20 trees of depth 10) in one run, on one
core: first the loop that asks scikit-learn about one customer at a time, then the ways that share a
call. The bare model is one run of the ONNX session over a matrix that is ready in memory.
"""

import http.client
import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import joblib
import numpy as np
import onnxruntime
from serving_model import Models, make_models
from serving_stacks import PORT, STACKS
from serving_wrk import HEADERS, running, wait_for_answer

from bookstore_model.features import FEATURES

ROWS, LOOP_ROWS, BATCH_ROWS, REPEATS = 1_000_000, 2_000, 1000, 5


def customers(models: Models, file: Path) -> np.ndarray:
    """A million customers like the benchmark's, as a Parquet file and as a float64 matrix."""
    table = np.tile(np.array(models.rows), (ROWS // len(models.rows), 1))
    columns = {name: table[:, place] for place, name in enumerate(FEATURES)}
    with duckdb.connect() as database:
        frame = importlib.import_module("pandas").DataFrame(columns)
        frame.insert(0, "customer_id", [f"C-{number}" for number in range(len(frame))])
        database.from_df(frame).write_parquet(str(file))
    return table


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ask_in_batches(models: Models, batches: int) -> None:
    """Send batches of a thousand customers, one after the other, and read the answers.

    What the caller does with an answer is the caller's time: one is looked into for all.
    """
    rows = [json.loads(models.bodies[n % len(models.bodies)]) for n in range(BATCH_ROWS)]
    body = json.dumps({"customers": rows})
    connection = http.client.HTTPConnection("127.0.0.1", PORT)  # one left idle is closed
    answers = set()
    for _ in range(batches):
        connection.request("POST", "/predict/batch", body, HEADERS)
        answers.add(connection.getresponse().read())
    connection.close()
    if len(answers) != 1 or json.loads(answers.pop()).get("predicted") != BATCH_ROWS:
        raise SystemExit("A batch got another answer than the one before it, or no prediction.")


def main() -> None:
    """Print one Markdown table: microseconds per row, and ratios to the loop and to the bare model."""
    os.sched_setaffinity(0, {1})  # the service has core 0
    with tempfile.TemporaryDirectory() as folder:
        models = make_models(Path(folder))
        score_batch = importlib.import_module("pipeline.score_batch")
        file, out = Path(folder) / "features.parquet", Path(folder) / "scores.parquet"
        table = customers(models, file)
        forest = joblib.load(models.joblib_file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(models.onnx_file.read_bytes(), options)
        matrix = table.astype(np.float32)
        peers = Path(sys.executable)
        (reference,) = (stack for stack in STACKS if stack.name == "reference")
        with running(reference, models, peers) as (process, started):
            wait_for_answer(reference, models, process, started)
            ways = {
                "one at a time, scikit-learn": (
                    LOOP_ROWS,
                    lambda: [forest.predict_proba(table[n : n + 1]) for n in range(LOOP_ROWS)],
                ),
                "the bare ONNX model, one matrix": (
                    ROWS,
                    lambda: session.run(["probabilities"], {"features": matrix}),
                ),
                "pipeline.score_batch, file to file": (
                    ROWS,
                    lambda: score_batch.score_file(file, models.artefact, out),
                ),
                "POST /predict/batch, 1,000 rows a request, with its JSON": (
                    20 * BATCH_ROWS,
                    lambda: ask_in_batches(models, 20),
                ),
            }
            taken: dict[str, list[float]] = {name: [] for name in ways}
            for repeat in range(REPEATS):
                for name, (rows, work) in ways.items():
                    print(f"repeat {repeat + 1} of {REPEATS}: {name}", file=sys.stderr)
                    taken[name].append(seconds(work) / rows)
    medians = {name: statistics.median(times) * 1e6 for name, times in taken.items()}
    loop, bare, *_ = medians.values()
    print("| way | µs per row | times the loop's speed | times the bare model's time |")
    print("|---|---|---|---|")
    for name, each in medians.items():
        print(f"| {name} | {each:,.2f} | {loop / each:,.0f} | {each / bare:,.2f} |")


if __name__ == "__main__":
    main()
