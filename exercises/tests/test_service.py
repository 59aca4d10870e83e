"""What the churn service promises, one promise a test.

Write tests that a correct service passes and a broken one does not. They get three fixtures from
`conftest.py`: `client`, a Flask test client of the service; `predictor`, the scripted predictor
behind it (set `predictor.probability`, read `predictor.asked`); `customer`, a valid body for
POST /predict. What the service prints on stderr is in pytest's `capsys.readouterr().err`.
"""

# TODO(service-tests): your answer goes here.
