"""The load lab: Locust scenarios that put a running churn service under realistic traffic."""
