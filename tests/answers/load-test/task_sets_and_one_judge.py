import json
import math
import random as rnd
import uuid

from locust import HttpUser, TaskSet, constant, tag, task
from locust.clients import ResponseContextManager


def draw_customer(random):
    orders = random.randint(1, 60)
    return dict(
        customer_id=str(uuid.UUID(int=random.getrandbits(128))),
        days_since_last_order=random.randint(0, 900),
        total_orders=orders,
        lifetime_value=float(orders * random.randint(4, 60)),
        email_open_rate=random.random(),
    )


def problem_with(response: ResponseContextManager, customer):
    if response.status_code != 200:
        return "wrong status"
    try:
        body = json.loads(response.text)
        probability = body["churn_probability"]
        named = body["customer_id"]
    except (ValueError, TypeError, KeyError, IndexError):
        return "unreadable body"
    if isinstance(probability, bool) or not isinstance(probability, (int, float)):
        return "no number"
    if math.isnan(probability) or probability < 0 or probability > 1:
        return "no probability"
    return None if named == customer["customer_id"] else "somebody else"


class Requests(TaskSet):
    def judged(self, name, body, judge):
        with self.client.request(
            "POST" if body else "GET", name.split()[1], json=body, name=name, catch_response=True
        ) as response:
            problem = judge(response)
            response.failure(problem) if problem else response.success()

    @tag("predict")
    @task(80)
    def valid(self):
        customer = draw_customer(rnd)
        self.judged("POST /predict", customer, lambda response: problem_with(response, customer))

    @tag("predict")
    @task(10)
    def wrong(self):
        customer = draw_customer(rnd)
        field = rnd.choice(["total_orders", "lifetime_value", "email_open_rate", "customer_id"])
        customer[field] = rnd.choice([None, -5, True])
        self.judged(
            "POST /predict (refused)",
            customer,
            lambda response: None if response.status_code == 422 else "not refused",
        )

    @task(10)
    def ready(self):
        self.judged("GET /ready", None, lambda r: None if r.status_code == 200 else "not ready")


class Shop(HttpUser):
    tasks = [Requests]
    wait_time = constant(0.25)
