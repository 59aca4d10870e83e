"""What the churn service promises, one promise a test.

Write tests that a correct service passes and a broken one does not. `client` is a Flask test client
of the service, `predictor` the scripted predictor behind it (set `predictor.probability`, read
`predictor.asked`), and `customer` a valid body for POST /predict.
"""

# BEGIN SOLUTION


def test_a_valid_customer_gets_the_predictors_probability(client, predictor, customer):
    predictor.probability = 0.25

    response = client.post("/predict", json=customer)

    assert response.status_code == 200
    assert response.get_json()["churn_probability"] == 0.25


# END SOLUTION
