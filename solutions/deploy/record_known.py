"""Writes down what an artefact's model says of a few customers, for smoke_test.py to hold a deployment to.

`python deploy/record_known.py model > known.json`, in the project folder.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from churn_service.artefact import ModelRefused
from churn_service.predictor import Customer
from churn_service.wsgi import load_predictor

# Far apart, so that two models hardly agree on all of them.
CUSTOMERS = (
    ("smoke-test-loyal", 3, 40, 1200.0, 0.9),
    ("smoke-test-new", 12, 1, 18.5, 0.0),
    ("smoke-test-usual", 60, 6, 140.25, 0.35),
    ("smoke-test-gone", 340, 2, 31.0, 0.05),
)
WIRE_NAMES = (
    "customer_id",
    "days_since_last_order",
    "total_orders",
    "lifetime_value",
    "email_open_rate",
)


def known_predictions(folder: Path) -> dict:
    """Return the artefact's version and its predictions, as smoke_test.py reads them."""
    predictor = load_predictor(folder)
    predictions = [
        {
            "customer": dict(zip(WIRE_NAMES, values, strict=True)),
            "churn_probability": predictor.predict_probability(Customer(*values)),
        }
        for values in CUSTOMERS
    ]
    return {"model_version": predictor.model_version, "predictions": predictions}


def main(argv: list[str] | None = None) -> int:
    """Print the predictions as JSON; return 1, with the reason, when the model is refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="artefact folder of the release")
    options = parser.parse_args(argv)
    try:
        print(json.dumps(known_predictions(options.model), indent=2))
    except ModelRefused as error:
        print(f"The model was refused: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
