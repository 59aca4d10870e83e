"""What a caller who behaves gets."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from .artefacts import FEATURES, draw_customers
from .serving import PROJECT, VALID


def test_health_gives_the_version_of_the_artefact(service):
    assert service.get("/health").json() == {"status": "healthy", "model_version": "v2"}


def test_ready_answers_200_once_the_model_predicts(service):
    answer = service.get("/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


def test_predictions_are_the_forests_own_for_random_customers(service, forest):
    customers = draw_customers(40, seed=11)
    expected = forest.predict_proba(customers)[:, 1]

    answers = [
        service.predict(VALID | dict(zip(FEATURES, row.tolist(), strict=True))).json()
        for row in customers
    ]

    assert np.allclose([answer["churn_probability"] for answer in answers], expected, atol=1e-12)
    for answer in answers:
        probability = answer["churn_probability"]
        level = "high" if probability > 0.7 else "medium" if probability > 0.4 else "low"
        assert answer["churn_prediction"] is (probability > 0.5)
        assert answer["risk_level"] == level


def test_the_members_come_in_the_order_of_the_contract(service):
    assert list(service.predict(VALID).json()) == [
        "customer_id",
        "churn_probability",
        "churn_prediction",
        "risk_level",
        "model_version",
    ]


def test_a_charset_parameter_does_not_change_the_media_type(service):
    assert service.predict(VALID, "application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize("customer_id", ["x", "é" * 128, "line\nbreak", "\u0000", "😀" * 128])
def test_any_string_up_to_128_characters_is_an_id_and_comes_back(service, customer_id):
    answer = service.predict(VALID | {"customer_id": customer_id})

    assert answer.json()["customer_id"] == customer_id


@pytest.mark.parametrize("name", FEATURES[:3])
def test_the_largest_number_is_accepted_and_predicted(service, name):
    assert service.predict(VALID | {name: 1e9}).status_code == 200


def test_the_openapi_document_states_the_limits_that_hold(service):
    document = service.get("/openapi.json").json()
    customer = document["components"]["schemas"]["Customer"]

    assert document["openapi"].startswith("3.1")
    assert set(customer["required"]) == set(VALID)
    assert customer["additionalProperties"] is False
    assert customer["properties"]["email_open_rate"]["maximum"] == 1
    assert customer["properties"]["customer_id"]["maxLength"] == 128


def test_the_docs_page_describes_each_path_and_needs_no_other_site(service):
    page = service.get("/docs")

    assert page.headers["Content-Type"].startswith("text/html")
    for path in ("/health", "/ready", "/predict"):
        assert path in page.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    assert "<script" not in page.text


def test_without_a_pydantic_model_the_document_still_names_the_fields():
    program = (
        "import json; from churn_service import customer, openapi; "
        "del customer.CustomerRequest; print(json.dumps(openapi.customer_schema()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True, text=True
    )

    assert set(json.loads(done.stdout)["required"]) == set(VALID)


def test_importing_the_package_reads_no_model_and_prints_nothing():
    program = "import churn_service.wsgi, churn_service.__main__"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_services_own_tests_pass():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


def test_the_model_runtime_is_told_to_report_to_nobody_before_it_is_imported():
    spy = """
import os, sys, importlib.abc
class Spy(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Spy())
import {module}
"""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    for module in ("churn_service.onnx_model", "pipeline.score_batch", "pipeline.export_onnx"):
        command = [sys.executable, "-c", spy.format(module=module)]
        told = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True)
        assert told.stdout.split()[:1] == ["1"], (module, told.stderr)
