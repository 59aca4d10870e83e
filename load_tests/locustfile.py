"""A marketing tool that asks about customers, and an orchestrator that asks about the service.

    locust -f load_tests/locustfile.py --host http://127.0.0.1:8000

A status alone proves little under load, so every body is checked too. LOAD_SEED chooses the
customers: each simulated user draws its own, the same ones again for the same seed.
"""

import itertools
import os
import sys
from pathlib import Path
from random import Random

from locust import HttpUser, between, task

# Locust loads this file by its path, so its own folder's parent is not yet known to Python.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from load_tests.customers import Question, draw_question

RISK_LEVELS = ("low", "medium", "high")
user_numbers = itertools.count()


def wrong_with_prediction(answer: dict, question: Question) -> str | None:
    """Return what is wrong with the body of a 200 from POST /predict, or None."""
    probability = answer.get("churn_probability")
    if answer.get("customer_id") != question.customer_id:
        return f"asked about {question.customer_id}, answered about {answer.get('customer_id')}"
    if not isinstance(probability, float) or not 0 <= probability <= 1:
        return f"churn_probability is {probability!r}, not a number from 0 to 1"
    if answer.get("churn_prediction") is not (probability > 0.5):
        return f"churn_prediction is {answer.get('churn_prediction')!r} at {probability}"
    if answer.get("risk_level") not in RISK_LEVELS or not answer.get("model_version"):
        return f"risk_level or model_version is missing in {answer}"
    return None


def wrong_with_refusal(document: dict, question: Question) -> str | None:
    """Return what is wrong with a problem document, or None. It must name every wrong field."""
    named = {error.get("field") for error in document.get("errors", [])}
    if named != question.wrong_fields:
        return f"the problem names {sorted(map(str, named))}, not {sorted(question.wrong_fields)}"
    return None


class MarketingTool(HttpUser):
    """Asks about one customer, reads the answer, thinks for a moment, asks about the next."""

    wait_time = between(0.05, 0.5)

    def on_start(self):
        """Give this user customers of its own, whichever worker it runs on."""
        worker = getattr(self.environment.runner, "worker_index", 0)
        self.random = Random(f"{os.environ.get('LOAD_SEED', '1')}/{worker}/{next(user_numbers)}")

    @task(20)
    def ask_about_a_customer(self):
        """POST /predict; a refusal of a wrong question is a success, named as such."""
        question = draw_question(self.random)
        name = "POST /predict" if question.status == 200 else "POST /predict (refused)"
        with self.client.post(
            "/predict",
            data=question.body,
            headers={"Content-Type": "application/json"},
            name=name,
            catch_response=True,
        ) as response:
            judge = wrong_with_prediction if question.status == 200 else wrong_with_refusal
            self.settle(response, question.status, lambda body: judge(body, question))

    @task(1)
    def look_whether_it_is_ready(self):
        """GET /ready, as an orchestrator does all the time."""
        with self.client.get("/ready", name="GET /ready", catch_response=True) as response:
            self.settle(response, 200, lambda body: None if "model_version" in body else str(body))

    def settle(self, response, status: int, wrong_with) -> None:
        """Record a failure unless the status is as expected and the body is right."""
        if response.status_code == 0:
            response.failure(f"no answer: {type(response.error).__name__}")
            return
        if response.status_code != status:
            response.failure(f"status {response.status_code}, expected {status}")
            return
        try:
            wrong = wrong_with(response.json())
        except (ValueError, AttributeError) as error:
            wrong = f"the body is not the JSON object expected: {error}"
        if wrong:
            response.failure(wrong)
        else:
            response.success()  # Locust takes every status of 400 or above for a failure
