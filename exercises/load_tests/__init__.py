"""Load on the churn service: simulated users, and how much hardware their number asks for."""
