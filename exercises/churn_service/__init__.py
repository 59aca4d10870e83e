"""BookStore's churn service: a trained model behind a small, strict HTTP API."""

import os

# onnxruntime reports what it does to its maker, and keeps an id of the machine, unless this is set
# before it is imported. Nothing of BookStore's customers is anybody else's business.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
