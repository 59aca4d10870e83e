# fails: test_locust_runs_it
# says: none was counted; Locust said: locust.main
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

    @task
    def ask_about_a_customer(self):
        import requests

        requests.post(self.host + "/predict", json=draw_customer(Random()))
# END SOLUTION
