"""The stacks of the serving benchmark: how each is started, and how it is asked."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from serving_model import FEATURES, Models

HERE = Path(__file__).resolve().parent
SERVICE = HERE.parent / "solutions"
PORT = 9973
KEY = "a key for the benchmark only"


@dataclass(frozen=True)
class Stack:
    """One way to serve the forest.

    `command(python, models)` starts it in `folder` with `env` on PORT; `needs` are modules of the
    peers' Python (None: the course's own). `body(models, n)` is the nth request, `probability` reads
    the answer; None for a stack that predicts nothing.
    """

    name: str
    title: str
    command: Callable[[Path, Models], list[str]]
    needs: tuple[str, ...] | None = None
    folder: Path = HERE / "peers"
    path: str = "/predict"
    env: dict[str, str] = field(default_factory=dict)
    body: Callable[[Models, int], str] = lambda models, n: models.bodies[n]
    probability: Callable[[dict | list], float] | None = lambda answer: answer["churn_probability"]


def is_installed(stack: Stack, peers: Path) -> bool:
    """Whether the modules that a stack needs can be found."""
    if stack.needs is None:
        return True
    ask = (
        "import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))"
    )
    return subprocess.run([str(peers), "-c", ask, *stack.needs]).returncode == 0


def churn_service(python: Path, models: Models) -> list[str]:
    return [sys.executable, "-m", "churn_service", "--port", str(PORT)]


def gunicorn(app: str) -> Callable[[Path, Models], list[str]]:
    return lambda python, models: [
        *(str(python), "-m", "gunicorn", "--workers", "1", "--no-control-socket"),
        *("--bind", f"127.0.0.1:{PORT}", app),
    ]


def granian_noop(python: Path, models: Models) -> list[str]:
    options = ["--interface", "wsgi", "--workers", "1", "--no-ws", "--blocking-threads", "128"]
    return [sys.executable, "-m", "granian", *options, "--port", str(PORT), "noop_app:app"]


def uvicorn(python: Path, models: Models) -> list[str]:
    options = ["--no-access-log", "--loop", "uvloop", "--http", "httptools", "--port", str(PORT)]
    return [str(python), "-m", "uvicorn", *options, "fastapi_app:app"]


def uvicorn_litestar(python: Path, models: Models) -> list[str]:
    return [*uvicorn(python, models)[:-1], "litestar_app:app"]


def robyn(python: Path, models: Models) -> list[str]:
    options = ["--processes", "1", "--workers", "1", "--log-level", "ERROR"]
    return [str(python), "robyn_app.py", *options, str(PORT)]


def granian_rsgi(python: Path, models: Models) -> list[str]:
    options = ["--interface", "rsgi", "--workers", "1", "--no-ws"]
    return [sys.executable, "-m", "granian", *options, "--port", str(PORT), "rsgi_noop:app"]


def epoll(python: Path, models: Models) -> list[str]:
    return [sys.executable, "epoll_onnx.py", str(PORT)]


def mlflow(python: Path, models: Models) -> list[str]:
    saved = models.folder / "mlflow"
    if not saved.exists():
        save = (
            "import sys, joblib, mlflow.sklearn; "
            "mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], "
            "pyfunc_predict_fn='predict_proba', serialization_format='cloudpickle')"
        )
        subprocess.run([str(python), "-c", save, str(models.joblib_file), str(saved)], check=True)
    options = ["--env-manager", "local", "--workers", "1", "--port", str(PORT)]
    return [str(python), "-m", "mlflow", "models", "serve", "-m", str(saved), *options]


def bentoml(python: Path, models: Models) -> list[str]:
    return [str(python), "-m", "bentoml", "serve", "bento_service:Churn", "--port", str(PORT)]


QUIET = {"CHURN_PREDICTION_LOG": "off", "CHURN_CACHE_ENTRIES": "", "CHURN_FAST_LANE": ""}
STACKS = (
    Stack("plain", "(a) plain: Flask, joblib forest, gunicorn sync", gunicorn("plain_app:app"),
          ("gunicorn", "flask", "sklearn")),
    Stack("fastapi", "(b) FastAPI, pydantic, ONNX, metrics, log line, uvicorn", uvicorn,
          ("fastapi", "uvicorn", "uvloop", "httptools", "onnxruntime", "prometheus_client")),
    Stack("noop", "(c) a Flask route that does nothing, granian", granian_noop, probability=None),
    Stack("mlflow", "(d) mlflow models serve", mlflow, ("mlflow", "sklearn"),
          path="/invocations", env={"MLFLOW_DISABLE_TELEMETRY": "true"},
          body=lambda models, n: json.dumps(
              {"dataframe_split": {"columns": list(FEATURES), "data": [models.rows[n]]}}),
          probability=lambda answer: answer["predictions"][0][1]),
    Stack("bentoml", "(e) BentoML", bentoml, ("bentoml", "sklearn"),
          env={"BENTOML_DO_NOT_TRACK": "True"},
          body=lambda models, n: json.dumps({"rows": [models.rows[n]]}),
          probability=lambda answer: answer[0]),
    Stack("litestar", "(f) Litestar, msgspec, ONNX, metrics, log line, uvicorn", uvicorn_litestar,
          ("litestar", "msgspec", "uvicorn", "uvloop", "onnxruntime", "prometheus_client")),
    Stack("robyn", "(g) Robyn, msgspec, ONNX, metrics, log line", robyn,
          ("robyn", "msgspec", "onnxruntime", "prometheus_client")),
    Stack("rsgi", "limit: granian alone, a constant (RSGI)", granian_rsgi, probability=None),
    Stack("epoll", "limit: the bare model on bare sockets, in Python", epoll),
    Stack("reference", "the service, Flask route", churn_service, folder=SERVICE, env=QUIET),
    Stack("fast-lane", "the service, fast lane", churn_service, folder=SERVICE,
          env=QUIET | {"CHURN_FAST_LANE": "1"}),
    Stack("fast-lane-log", "the service, fast lane, prediction log on", churn_service, folder=SERVICE,
          env=QUIET | {"CHURN_FAST_LANE": "1", "CHURN_PREDICTION_LOG": "predictions"}),
)  # fmt: skip
