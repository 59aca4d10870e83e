# fails: test_a_right_body_needs_its_status
# says: answers some GET /ready with a right body
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
        self.client.get("/ready", name="GET /ready")

# END SOLUTION
