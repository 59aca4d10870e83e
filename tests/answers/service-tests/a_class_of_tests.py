"""unittest's style: one class, fixtures bound in a set-up, parts of a test as subtests."""

import json
import unittest

import pytest


class ServiceTest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def bind(self, client, predictor, customer, capsys):
        self.client = client
        self.predictor = predictor
        self.customer = customer
        self.capsys = capsys

    def predict(self, **changes):
        return self.client.post("/predict", json={**self.customer, **changes})

    def assert_refused(self, response, status, *fields):
        self.assertEqual(response.status_code, status)
        self.assertEqual(response.mimetype, "application/problem+json")
        self.assertCountEqual([e["field"] for e in response.get_json()["errors"]], fields)

    def test_alive_and_ready(self):
        self.assertEqual(self.client.get("/health").get_json()["model_version"], "v2")
        self.predictor.probability = ValueError()
        self.assertEqual(self.client.get("/ready").status_code, 503)
        self.assertEqual(self.client.get("/health").status_code, 200)

    def test_levels(self):
        for probability, level in ((0.4, "low"), (0.7, "medium"), (0.75, "high")):
            with self.subTest(probability=probability):
                self.predictor.probability = probability
                self.assertEqual(self.predict().get_json()["risk_level"], level)

    def test_prediction(self):
        self.predictor.probability = 0.5
        self.assertIs(self.predict().get_json()["churn_prediction"], False)
        self.predictor.probability = 0.51
        self.assertIs(self.predict().get_json()["churn_prediction"], True)

    def test_numbers_arrive_where_they_belong(self):
        self.predict(days_since_last_order=1, total_orders=2, lifetime_value=3, email_open_rate=0.4)
        asked = self.predictor.asked.pop()
        self.assertEqual(asked.days_since_last_order, 1)
        self.assertEqual(asked.total_orders, 2)
        self.assertEqual(asked.lifetime_value_gbp, 3)
        self.assertEqual(asked.email_open_rate, 0.4)

    def test_impossible_values(self):
        for name in ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate"):
            for value in (-1, "1", None, False, []):
                with self.subTest(name=name, value=value):
                    self.assert_refused(self.predict(**{name: value}), 422, name)

    def test_limits(self):
        self.assertEqual(self.predict(email_open_rate=1.0).status_code, 200)
        self.assertEqual(self.predict(customer_id="n" * 128).status_code, 200)
        self.assert_refused(self.predict(customer_id="n" * 129), 422, "customer_id")

    def test_everything_at_once(self):
        response = self.predict(total_orders=-1, email_open_rate=2, nickname="Ada")
        self.assert_refused(response, 422, "total_orders", "email_open_rate", "nickname")

    def test_not_json(self):
        response = self.client.post("/predict", data="{", content_type="application/json")
        self.assert_refused(response, 400, "body")

    def test_twice(self):
        body = json.dumps(self.customer).replace("{", '{"total_orders": 12, ')
        response = self.client.post("/predict", data=body, content_type="application/json")
        self.assert_refused(response, 422, "total_orders")

    def test_crash_is_discreet(self):
        self.predictor.probability = KeyError("column_17")
        response = self.predict()
        self.assertEqual(response.status_code, 500)
        self.assertNotIn("column_17", response.text)

    def test_log(self):
        response = self.client.post(
            "/predict", json=self.customer, headers={"X-Request-ID": "not sane!"}
        )
        (line,) = self.capsys.readouterr().err.splitlines()
        self.assertNotIn(self.customer["customer_id"], line)
        self.assertNotEqual(response.headers["X-Request-ID"], "not sane!")
        self.assertEqual(json.loads(line)["request_id"], response.headers["X-Request-ID"])
