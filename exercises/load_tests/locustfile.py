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
    raise NotImplementedError("load-test")


def problem_with(response, customer: dict) -> str | None:
    """Return what is wrong with the answer to a valid customer, or None when it is right.

    `response` is what `self.client.post` gives. It is right when the status is 200 and the body is a
    JSON object, about this `customer_id`, whose `churn_probability` is a number from 0 to 1 (true and
    false are no numbers). Never raises, whatever the body holds.

    Locust counts failures by this text, so it names the fault, never the customer.
    """
    raise NotImplementedError("load-test")


class MarketingTool(HttpUser):
    """Asks about one customer, reads the answer, thinks for a moment, asks about the next."""

    # TODO(load-test): your answer goes here.
