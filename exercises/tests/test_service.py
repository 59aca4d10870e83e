"""What the churn service promises, one promise a test.

Write tests that every right service passes and a broken one does not. `conftest.py` gives them:

- `client`: a Flask test client of the service, as in `client.post("/predict", json=customer)`
- `predictor`: the scripted predictor behind it; set `predictor.probability` (an exception is
  raised), read `predictor.asked`, a list of the customers it was asked for
- `customer`: a valid body for POST /predict

pytest's own `capsys.readouterr().err` holds what the service logged so far in the test.
"""

# TODO(service-tests): your answer goes here.
