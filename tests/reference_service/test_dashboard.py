"""The dashboard's queries on a real Prometheus that scrapes a real service under load."""

import json
import math
import re
import shutil
import time

import pytest
import requests

from workbench.learning.monitoring import RunningPrometheus

from ..conftest import require
from .serving import PROJECT, VALID, start_service, stop_service

GRAFANA = PROJECT / "deploy" / "grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards" / "churn.json").read_text("utf-8"))
QUERIES = [
    (panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]
]
METRIC = re.compile(r"\b((?:http|ml|validation|prediction|model)_\w+)\{")


@pytest.fixture(scope="module")
def ask(model_dir, tmp_path_factory):
    """Ask a Prometheus that has watched a busy service, as of the last moment of its traffic."""
    found = shutil.which("prometheus")
    require("prometheus", found is not None, "install Prometheus")
    settings = {"CHURN_CACHE_ENTRIES": "50"}
    log = tmp_path_factory.mktemp("dashboard") / "stderr.log"
    service = start_service(model_dir, log, settings, ("--workers", "2"))
    with RunningPrometheus([f"127.0.0.1:{service.port}"], every="500ms") as running:
        load(service.url, seconds=8)
        ended = time.time()

        def ask(query: str) -> list[dict]:
            return running.query(query.replace("$__rate_interval", "5s"), time=ended)

        yield ask
    stop_service(service)


def load(url: str, seconds: float) -> None:
    session, until, number = requests.Session(), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        number += 1
        body = VALID | {"total_orders": number % 20, "customer_id": f"C-{number}"}
        if number % 10 == 0:
            body["email_open_rate"] = 2
        session.post(f"{url}/predict", json=body, timeout=10)
        if number % 25 == 0:
            session.post(f"{url}/predict/batch", json={"customers": [body] * 3}, timeout=10)
        time.sleep(0.005)


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=[f"{t}: {q[:40]}" for t, q in QUERIES])
def test_every_query_of_the_dashboard_returns_data(ask, title, query):
    found = ask(query)

    assert found, f"{title} would be empty"
    assert all(math.isfinite(float(series["value"][1])) for series in found), found


def test_the_numbers_are_those_of_the_traffic(ask):
    queries = dict(QUERIES)
    (hits,) = ask(queries["Cache hits"])
    (up,) = ask(queries["Instances that answer"])
    (version,) = ask(queries["Model versions"])

    assert 0.5 < float(hits["value"][1]) <= 1
    assert up["value"][1] == "1"
    assert version["metric"]["version"] == "v2"


def test_every_metric_of_the_service_has_its_place_on_the_dashboard():
    shown = {
        re.sub("_(bucket|sum|count)$", "", name) for _, q in QUERIES for name in METRIC.findall(q)
    }

    assert shown == {
        "http_requests_total",
        "http_request_duration_seconds",
        "ml_predictions_total",
        "ml_prediction_latency_seconds",
        "ml_prediction_score",
        "validation_failures_total",
        "prediction_cache_total",
        "prediction_log_dropped_total",
        "model_info",
    }


def test_panels_do_not_overlap_and_say_what_they_show():
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken and place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["description"] and panel["datasource"]["uid"] == "prometheus"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_what_is_provisioned_fits_together():
    source = (GRAFANA / "provisioning" / "datasources" / "prometheus.yaml").read_text("utf-8")
    scraped = (PROJECT / "deploy" / "prometheus.yml").read_text("utf-8")

    assert "uid: prometheus\n" in source
    interval = re.search(r"timeInterval: (\w+)", source)[1]
    assert f"scrape_interval: {interval}\n" in scraped
