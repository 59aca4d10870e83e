"""Fast users, one task that draws what it does, and a wait of its own."""

import itertools
import os
import time
from random import Random

from locust import FastHttpUser, task

SPOILED = itertools.cycle(
    [("email_open_rate", 7), ("total_orders", "3"), ("days_since_last_order", None)]
)


def draw_customer(random):
    return {
        "customer_id": "cust:" + random.randbytes(8).hex(),
        "days_since_last_order": random.uniform(0, 700),
        "total_orders": random.randrange(1, 90),
        "lifetime_value": random.uniform(3, 2500),
        "email_open_rate": random.choice([0, 1, random.random()]),
    }


def problem_with(response, customer):
    if response.status_code != 200:
        return "status"
    try:
        match response.json():
            case {"customer_id": str(name), "churn_probability": int() | float() as p}:
                right = name == customer["customer_id"] and not isinstance(p, bool) and 0 <= p <= 1
                return None if right else "values"
            case _:
                return "shape"
    except Exception:
        return "no JSON"


class Customer(FastHttpUser):
    def wait_time(self):
        return self.random.uniform(0.12, 0.45)

    def on_start(self):
        self.random = Random(os.urandom(16))

    @task
    def something(self):
        drawn = self.random.random()
        if drawn < 0.1:
            with self.client.get("/ready", name="GET /ready", catch_response=True) as response:
                if response.status_code != 200:
                    response.failure("not ready")
            return
        customer = draw_customer(self.random)
        name = "POST /predict"
        if drawn < 0.2:
            name += " (refused)"
            customer.update([next(SPOILED)])
        with self.client.post("/predict", json=customer, name=name, catch_response=True) as response:
            problem = problem_with(response, customer)
            if drawn < 0.2:
                problem = None if response.status_code == 422 else "not refused"
            if problem:
                response.failure(problem)
            else:
                response.success()
