"""`python -m pipeline.score_batch FEATURES --out SCORES`: every customer of a Parquet file, scored.

The service answers one customer who is waiting. Scoring a whole customer base is another job: no
request, no JSON, no row of its own for anybody, only columns.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import onnxruntime
import pandas as pd

from pipeline.export_onnx import INPUT, PROBABILITIES

MODEL = Path(__file__).resolve().parent.parent / "model"
ROWS_PER_CHUNK = 100_000


class ScoringError(Exception):
    """The customers cannot be scored; the message says why, in one sentence."""


def usable_cores() -> int:
    """Return how many cores this process may run on; 0, the runtime's own choice, where unknown."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


def load_session(folder: Path) -> tuple[onnxruntime.InferenceSession, dict]:
    """Return a session of the ONNX model in an artefact folder, and the folder's metadata."""
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        model = (folder / Path(metadata["model_file"]).name).read_bytes()
        if hashlib.sha256(model).hexdigest() != metadata["sha256"]:
            raise ScoringError(f"{folder} holds another model than its metadata.json describes.")
        options = onnxruntime.SessionOptions()
        # By itself it starts a thread for each core of the machine, those it may not use included.
        options.intra_op_num_threads = usable_cores()
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (OSError, ValueError, KeyError) as error:
        raise ScoringError(f"{folder} holds no model that can be read: {error}.") from None
    except RuntimeError as error:
        raise ScoringError(f"{folder} holds no ONNX model: {error}.") from None
    return session, metadata


def score(session: onnxruntime.InferenceSession, columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return the probability of churn for each row: float32 of shape [rows], from 0 to 1.

    `columns` are the features in the order of the metadata, each of shape [rows]. Rows go through
    the model in chunks, which stay in the processor's cache.
    """
    rows = len(columns[0])
    scores = np.empty(rows, np.float32)
    for start in range(0, rows, ROWS_PER_CHUNK):
        part = slice(start, start + ROWS_PER_CHUNK)
        table = np.column_stack([column[part] for column in columns]).astype(np.float32)
        (both,) = session.run([PROBABILITIES], {INPUT: table})
        scores[part] = both[:, 1]
    return scores.clip(0, 1)


def score_file(features: Path, model: Path, out: Path) -> int:
    """Score every row of a Parquet file into another; return their number.

    `features` holds `customer_id` and the model's features; `out` gets `customer_id`,
    `churn_probability` and `model_version`, row for row, and is replaced as a whole. A row with a
    feature that is missing or no finite number is nobody's customer: ScoringError says how many
    there are, and nothing is written. Takes about 40 bytes of memory per row.
    """
    session, metadata = load_session(model)
    draft = out.with_name(f"{out.name}.draft")
    try:
        with duckdb.connect() as database:
            names = ", ".join(metadata["feature_order"])
            found = database.execute(f"SELECT {names} FROM read_parquet(?)", [str(features)])
            columns = list(found.fetchnumpy().values())
            refuse_what_is_no_number(columns, features)
            scores = pd.DataFrame({"churn_probability": score(session, columns)})
            database.register("scores", scores)
            database.execute(
                "CREATE TABLE scored AS SELECT customer_id, churn_probability, ? AS model_version "
                "FROM read_parquet(?) POSITIONAL JOIN scores",
                [metadata["model_version"], str(features)],
            )
            database.table("scored").write_parquet(str(draft))
        draft.replace(out)
    except duckdb.Error as error:
        raise ScoringError(f"DuckDB reports: {str(error).splitlines()[0].rstrip('.')}.") from error
    except OSError as error:
        raise ScoringError(f"{out} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return len(scores)


def refuse_what_is_no_number(columns: Sequence[np.ndarray], features: Path) -> None:
    """Raise ScoringError when a row has a feature that is missing, NaN or infinite."""
    wrong = np.zeros(len(columns[0]), bool)
    for column in columns:
        wrong |= np.ma.getmaskarray(column) | ~np.isfinite(np.ma.getdata(column).astype(float))
    if wrong.any():
        raise ScoringError(f"{int(wrong.sum()):,} rows of {features} lack a feature, or it is NaN.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit codes: 0 done, 1 cannot be done (one sentence), 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.score_batch", description=__doc__)
    parser.add_argument(
        "features", type=Path, help="Parquet file with customer_id and the features"
    )
    parser.add_argument(
        "--model", type=Path, default=MODEL, help="artefact folder of an ONNX model"
    )
    parser.add_argument("--out", type=Path, default=Path("scores.parquet"))
    asked = parser.parse_args(argv)
    try:
        count = score_file(asked.features, asked.model, asked.out)
    except ScoringError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"The scores of {count:,} customers are in {asked.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
