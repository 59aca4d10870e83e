"""From an order log to a model worth serving: features, measures, and the commands that run them."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as in churn_service/__init__.py
