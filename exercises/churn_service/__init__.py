"""BookStore's churn service: a trained model behind a small, strict HTTP API."""
