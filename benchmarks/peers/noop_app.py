"""A Flask route that does nothing: what the framework and the server take for themselves."""

from flask import Flask

app = Flask(__name__)


@app.post("/predict")
def predict():
    return {"customer_id": "C-1", "churn_probability": 0.5}
