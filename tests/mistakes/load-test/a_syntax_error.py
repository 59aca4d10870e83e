# fails: test_locust_runs_it
# says: locustfile.py: `def problem_with(response, customer)`
from locust import HttpUser, between, task


def problem_with(response, customer)
    return None


class MarketingTool(HttpUser):
    wait_time = between(0.1, 0.5)

    @task
    def ask(self):
        self.client.get("/ready", name="GET /ready")
