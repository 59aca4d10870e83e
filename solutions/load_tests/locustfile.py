"""Simulated users of the churn service, for Locust. One file, so that every worker can be sent it.

    locust -f load_tests/locustfile.py --host http://127.0.0.1:5000

What the users ask, and under which name Locust counts it:

| share | request | name in the statistics | a success is |
|---|---|---|---|
| 8 in 10 | `POST /predict` about a valid customer | `POST /predict` | see `problem_with` |
| 1 in 10 | `POST /predict` about a wrong customer | `POST /predict (refused)` | status 422 |
| 1 in 10 | `GET /ready` | `GET /ready` | status 200 |

Everything else is a failure in Locust's statistics: another status, and for a valid customer a body
that is wrong although the status is 200. A body of any kind must be judged, never raise: a request
whose task raises is missing from the statistics. No other names appear.

A wrong customer is JSON with the five fields, of which at least one holds what the service must
refuse (a negative number, a rate above 1, a null, a text for a number). Not the same fault each time.

A user keeps its connection (`self.client` does), waits for its answer however long that takes, and then
thinks for 0.1 to 0.5 seconds before it asks again.
"""

from random import Random

from locust import HttpUser, between, task


def draw_customer(random: Random) -> dict:
    """Return a valid body of POST /predict about a customer drawn with `random`.

    The id is drawn from a million or more, so that hardly any customer is asked about twice: a cache
    would answer the second time. The four numbers vary as well, inside the limits of the service:

    - `customer_id`: a string of 1 to 128 characters
    - `days_since_last_order`, `total_orders`, `lifetime_value`: numbers from 0 to 1e9
    - `email_open_rate`: a number from 0 to 1
    """
    # BEGIN SOLUTION
    orders = 1 + int(random.expovariate(1 / 3))
    return {
        "customer_id": f"C-{random.randrange(10**9):09d}",
        "days_since_last_order": round(random.expovariate(1 / 120), 1),
        "total_orders": orders,
        "lifetime_value": round(orders * random.lognormvariate(3.2, 0.5), 2),
        "email_open_rate": round(random.betavariate(2, 5), 3),
    }
    # END SOLUTION


def problem_with(response, customer: dict) -> str | None:
    """Return what is wrong with the answer to a valid customer, or None when it is right.

    `response` is what `self.client.post` gives. It is right when the status is 200 and the body is a
    JSON object, about this `customer_id`, whose `churn_probability` is a number from 0 to 1 (true and
    false are no numbers). Never raises, whatever the body holds.

    Locust counts failures by this text, so it names the fault, never the customer.
    """
    # BEGIN SOLUTION
    if response.status_code != 200:
        return f"status {response.status_code}, expected 200"
    try:
        answer = response.json()
    except ValueError:
        return "the body is not JSON"
    if not isinstance(answer, dict):
        return "the body is not a JSON object"
    if answer.get("customer_id") != customer["customer_id"]:
        return "the answer is about another customer"
    probability = answer.get("churn_probability")
    if type(probability) not in (int, float) or not 0 <= probability <= 1:
        return "churn_probability is not a number from 0 to 1"
    return None
    # END SOLUTION


class MarketingTool(HttpUser):
    """Asks about one customer, reads the answer, thinks for a moment, asks about the next."""

    # BEGIN SOLUTION
    wait_time = between(0.1, 0.5)

    def on_start(self):
        """Give this user a stream of customers that no other user has."""
        self.random = Random()

    @task(8)
    def ask_about_a_customer(self):
        customer = draw_customer(self.random)
        with self.client.post(
            "/predict", json=customer, name="POST /predict", catch_response=True
        ) as response:
            if problem := problem_with(response, customer):
                response.failure(problem)

    @task(1)
    def ask_about_a_wrong_customer(self):
        fault = self.random.choice(
            [
                {"email_open_rate": 1 + self.random.random()},
                {"total_orders": -1},
                {"lifetime_value": None},
                {"days_since_last_order": "yesterday"},
            ]
        )
        with self.client.post(
            "/predict",
            json=draw_customer(self.random) | fault,
            name="POST /predict (refused)",
            catch_response=True,
        ) as response:
            if response.status_code == 422:
                response.success()  # Locust takes every status of 400 or above for a failure
            else:
                response.failure(f"status {response.status_code}, expected 422")

    @task(1)
    def look_whether_it_is_ready(self):
        with self.client.get("/ready", name="GET /ready", catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"status {response.status_code}, expected 200")

    # END SOLUTION
